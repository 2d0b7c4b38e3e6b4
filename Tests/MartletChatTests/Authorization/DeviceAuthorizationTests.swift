import Testing

@testable import MartletChat

@Suite("Who may do what with a device")
struct DeviceAuthorizationTests {
    enum Column: String, CaseIterable { case own, other, ended, nobodys }
    enum Verb: String, CaseIterable {
        case revoke = "revokeDevice"
        case password = "changePassword"
        case list = "devices"
    }

    /// The device that is named: the one in use, another of the user's, one that has ended, one of
    /// another user. `done`: sessions end; whose they are is looked at as well.
    static let table = AuthorizationTable(
        """
                      : own  other ended nobodys
        revokeDevice  : done done  same  same
        changePassword: done done  done  done
        devices       : same same  same  same
        """)

    @Test("no cell is missing")
    func complete() {
        let columns = Column.allCases.map(\.rawValue)
        #expect(Self.table.holes(columns, Verb.allCases.map(\.rawValue)) == [])
    }

    @Test("every cell holds, and no other user's session ever ends", arguments: table.rows)
    func cells(_ row: AuthorizationTable.Row) async throws {
        let fixture = try ChatFixture()
        let bea = try await fixture.register("bea")
        for column in Column.allCases {
            let first = try await fixture.register(column.rawValue)
            let second = try await fixture.logIn(column.rawValue)
            let third = try await fixture.logIn(column.rawValue)
            let ended = try await fixture.logIn(column.rawValue)
            try await fixture.revoke(first.user, ended.device)
            let named =
                switch column {
                case .own: first.device
                case .other: second.device
                case .ended: ended.device
                case .nobodys: bea.device
                }
            let device = try #require(named)
            switch try #require(Verb(rawValue: row.verb)) {
            case .revoke: try await fixture.revoke(first.user, device)
            case .password:
                let _: Void = try await value { [chat = fixture.chat] in
                    chat.changePassword(
                        user: first.user, device: device, old: "correct horse",
                        new: "battery staple", completion: $0)
                }
            case .list:
                let listed = try await fixture.devices(first.user)
                #expect(listed.count == 3)
            }
            var alive = 0
            for session in [first, second, third] {
                if try await fixture.accepts(session.token) { alive += 1 }
            }
            #expect((alive == 3 ? "same" : "done") == row.cells[column.rawValue], "\(column)")
            #expect(try await fixture.accepts(bea.token), "\(row.verb), \(column)")
        }
    }
}
