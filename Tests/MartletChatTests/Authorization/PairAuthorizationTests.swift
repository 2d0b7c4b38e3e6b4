import Testing

@testable import MartletChat

@Suite("Who may do what one to one")
struct PairAuthorizationTests {
    /// `stranger`: the two have never written; `blocked`: the other blocks the actor; `blocks`: the
    /// actor blocks the other; `closed`: the other takes messages from contacts only, which must
    /// look like `blocked`; `contact`: likewise, and the actor is one;
    /// `gone`: the other's account is.
    static let table = AuthorizationTable(
        """
                                  : peer oneself stranger nobody blocked blocks closed contact gone
        send                      : done done    done     404    403     403    403    done    404
        send as a reply           : done done    404      404    403     403    403    done    404
        send as a reply to nothing: 404  404     404      404    403     403    403    404     404
        send once more            : same same    done     404    same    same   same   same    404
        history                   : same same    same     404    same    same   same   same    same
        markDelivered             : done same    same     404    done    done   done   done    done
        markRead                  : done same    same     404    done    done   done   done    done
        edit one's own            : done done    404      404    403     403    403    done    404
        edit to the same          : same same    404      404    403     403    403    same    404
        edit another's            : 403  done    404      404    403     403    403    403     404
        deleteForAll one's own    : done done    404      404    done    done   done   done    404
        deleteForAll another's    : 403  done    404      404    403     403    403    403     404
        deleteForAll nothing      : 404  404     404      404    404     404    404    404     404
        deleteForMe               : done done    404      404    done    done   done   done    done
        mute                      : done done    done     404    done    done   done   done    404
        createGroup with them     : done done    done     404    403     403    403    done    404
        addMembers with them      : done same    done     404    403     403    403    done    404
        changeRelation request    : done 400     done     404    403     409    403    same    404
        changeRelation block      : done 400     done     404    done    same   done   done    404
        userName                  : same same    same     404    same    same   same   same    404
        """)

    @Test("no cell is missing")
    func complete() {
        let columns = PairColumn.allCases.map(\.rawValue)
        #expect(Self.table.holes(columns, PairVerb.allCases.map(\.rawValue)) == [])
    }

    @Test("every cell holds, and what is refused stores nothing", arguments: table.rows)
    func cells(_ row: AuthorizationTable.Row) async throws {
        let fixture = try ChatFixture()
        let verb = try #require(PairVerb(rawValue: row.verb))
        for column in PairColumn.allCases {
            let scene = try await PairScene(fixture, column)
            let before = try scene.fingerprint()
            let code = await refusal { try await scene.perform(verb) }
            let isSame = try scene.fingerprint() == before
            let found = AuthorizationTable.word(code, isSame: isSame)
            #expect(found == row.cells[column.rawValue], "\(row.verb), \(column)")
            if code != nil { #expect(isSame, "\(row.verb), \(column) was refused, but stored") }
        }
        #expect(try fixture.verify().errors == [])
    }

    @Test("blocked and closed look the same", arguments: table.rows)
    func alike(_ row: AuthorizationTable.Row) {
        #expect(row.cells["blocked"] == row.cells["closed"], "\(row.verb)")
    }
}
