import Testing

@testable import MartletChat

@Suite("Who may do what in a group")
struct GroupAuthorizationTests {
    /// `out`, `left`: was removed, or has left. `back`: has left, and was added again. `blocked`: a
    /// member whom the owner blocks; `blocks`: one who blocks the owner: in a group both are
    /// members like others. `nowhere`: there is no such group, which must look like `never`.
    static let table = AuthorizationTable(
        """
                                     : owner admin member out left back never blocked blocks nowhere
        send                         : done  done  done   403 403  done 404   done    done   404
        send as a reply              : done  done  done   403 403  done 404   done    done   404
        send as a reply to an old one: done  404   404    403 403  404  404   404     404    404
        send once more               : same  same  same   same same same 404   same    same   404
        history                      : same  same  same   same same same 404   same    same   404
        groupSummary                 : same  same  same   same same same 404   same    same   404
        members                      : same  same  same   403 403  same 404   same    same   404
        memberNames                  : same  same  same   same same same 404   same    same   404
        markDelivered                : same  done  done   done same same 404   done    done   404
        markRead                     : same  done  done   done same same 404   done    done   404
        edit one's own               : done  done  done   403 403  done 404   done    done   404
        edit another's               : 403   403   403    403 403  403  404   403     403    404
        edit a notice                : 404   404   404    403 403  404  404   404     404    404
        deleteForAll one's own       : done  done  done   403 403  done 404   done    done   404
        deleteForAll another's       : done  done  403    403 403  403  404   403     403    404
        deleteForAll an old one      : done  404   404    403 403  404  404   404     404    404
        deleteForMe                  : done  done  done   done done done 404   done    done   404
        deleteForMe an old one       : done  404   404    404 404  404  404   404     404    404
        renameGroup                  : done  done  403    403 403  403  404   403     403    404
        addMembers a stranger        : done  done  403    403 403  403  404   403     403    404
        addMembers who is in         : same  same  403    403 403  403  404   403     403    404
        addMembers nobody            : 404   404   403    403 403  403  404   403     403    404
        addMembers who blocks the actor: 403   403   403    403 403  403  404   403     403    404
        removeMember a member        : done  done  403    403 403  403  404   403     403    404
        removeMember an admin        : done  403   403    403 403  403  404   403     403    404
        removeMember an owner        : 403   403   403    403 403  403  404   403     403    404
        removeMember a stranger      : same  same  403    403 403  403  404   403     403    404
        removeMember oneself         : 403   403   403    403 403  403  404   403     403    404
        leaveGroup                   : done  done  done   403 403  done 404   done    done   404
        setRole of a member          : done  403   403    403 403  403  404   403     403    404
        setRole of a stranger        : 404   403   403    403 403  403  404   403     403    404
        makeLink                     : done  done  403    403 403  403  404   403     403    404
        revokeLink                   : done  done  403    403 403  403  404   403     403    404
        joinGroup                    : same  same  same   403 done same done  same    same   same
        joinGroup by an ended link   : 404   404   404    404 404  404  404   404     404    404
        mute                         : done  done  done   done done done 404   done    done   404
        """)

    @Test("no cell is missing")
    func complete() {
        let columns = GroupColumn.allCases.map(\.rawValue)
        #expect(Self.table.holes(columns, GroupVerb.allCases.map(\.rawValue)) == [])
    }

    @Test("every cell holds, and what is refused stores nothing", arguments: table.rows)
    func cells(_ row: AuthorizationTable.Row) async throws {
        let fixture = try ChatFixture()
        let verb = try #require(GroupVerb(rawValue: row.verb))
        for column in GroupColumn.allCases {
            let scene = try await GroupScene(fixture, column, column.rawValue)
            let before = try scene.fingerprint()
            let code = await refusal { try await scene.perform(verb) }
            let isSame = try scene.fingerprint() == before
            let found = AuthorizationTable.word(code, isSame: isSame)
            #expect(found == row.cells[column.rawValue], "\(row.verb), \(column)")
            if code != nil { #expect(isSame, "\(row.verb), \(column) was refused, but stored") }
        }
        #expect(try fixture.verify().errors == [])
    }
}
