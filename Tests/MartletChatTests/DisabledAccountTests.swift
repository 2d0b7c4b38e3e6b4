import MartletStore
import Testing

@testable import MartletChat

@Suite("Disabled accounts")
struct DisabledAccountTests {
    @Test("disabling ends every device, and neither token nor password opens")
    func disable() async throws {
        let fixture = try ChatFixture()
        let sessions = [try await fixture.register("ann"), try await fixture.logIn("ann")]
        let user = sessions[0].user
        for session in sessions { #expect(try await fixture.accepts(session.token)) }
        let ends = fixture.recordEnds()
        try await fixture.setDisabled(user, true)
        #expect(ends.all == [SessionEnd(user: user, device: nil, cause: .disabled)])
        for _ in 0..<2 {
            for session in sessions { #expect(try await !fixture.accepts(session.token)) }
            let refused = await code { [chat = fixture.chat] in
                chat.logIn(name: "ann", password: "correct horse", completion: $0)
            }
            #expect(refused == .unauthorized)
            #expect(try fixture.verify().errors == [])
            try fixture.reopen()
        }
    }

    @Test("enabling lets the password open again, but brings no device back")
    func enable() async throws {
        let fixture = try ChatFixture()
        let before = try await fixture.register("ann")
        try await fixture.setDisabled(before.user, true)
        try await fixture.setDisabled(before.user, false)
        #expect(try await !fixture.accepts(before.token))
        let after = try await fixture.logIn("ann")
        #expect(after.user == before.user)
        #expect(try await fixture.accepts(after.token))
    }

    @Test("the list of accounts tells, and skips deleted ones")
    func list() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("a", "b", "c", "d")
        let own = try await fixture.register("ann")
        try await fixture.setDisabled(users[1], true)
        try await fixture.delete(users[2])
        var found: [Account] = []
        var page = AccountPage(accounts: [], hasMore: true)
        while page.hasMore {
            page = try await value { [chat = fixture.chat, after = found.last?.user] in
                chat.listAccounts(after: after, limit: 2, completion: $0)
            }
            #expect(page.accounts.count <= 2)
            found += page.accounts
        }
        #expect(Set(found.map(\.name)) == ["a", "b", "d", "ann"])
        #expect(found.filter(\.isDisabled).map(\.user) == [users[1]])
        #expect(found.filter(\.hasPassword).map(\.user) == [own.user])
    }

    @Test("there is no such user")
    func unknown() async throws {
        let fixture = try ChatFixture()
        let nobody = UserID(rawValue: 7)
        let refusals = [
            await code { [chat = fixture.chat] in
                chat.setDisabled(user: nobody, disabled: true, completion: $0)
            },
            await code { [chat = fixture.chat] in chat.deleteUser(nobody, completion: $0) },
        ]
        #expect(refusals == [.notFound, .notFound])
    }
}
