import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("Logins that an issuer vouches for")
struct ForeignLoginTests {
    private static let hour: UInt64 = 3_600_000_000

    private func login(
        _ fixture: ChatFixture, _ name: String, _ credential: String, endsAt: UInt64,
        makesAccount: Bool = true, opensAccountsWithPassword: Bool = false
    ) async throws -> Session? {
        var login = ForeignLogin(name: name, credential: credential, endsAt: endsAt)
        login.makesAccount = makesAccount
        login.opensAccountsWithPassword = opensAccountsWithPassword
        do {
            return try await value { [chat = fixture.chat, login] in
                chat.openSession(login, completion: $0)
            }
        } catch let error as ChatError where error.code == .unauthorized {
            return nil
        }
    }

    @Test("a name gets an account once, and a credential one device, however often it is shown")
    func once() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let end = clock.now() + Self.hour
        let sessions = try await withThrowingTaskGroup(of: Session?.self) { group in
            for _ in 0..<8 {
                group.addTask { try await login(fixture, "ann", "a.b.c", endsAt: end) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(sessions).count == 1)
        let session = try #require(sessions.first ?? nil)
        #expect(session.token == nil && session.expiresAt == end)
        try fixture.reopen()
        #expect(try await login(fixture, "ANN", "a.b.c", endsAt: end) == session)
        let other = try await login(fixture, "ann", "d.e.f", endsAt: end)
        #expect(other?.user == session.user && other?.device != session.device)
        #expect(try await fixture.devices(session.user).count == 2)
        #expect(try fixture.verify().errors == [])
    }

    @Test("an unknown name gets no account unless it may")
    func unknown() async throws {
        let fixture = try ChatFixture()
        let refused = try await login(
            fixture, "ann", "a.b.c", endsAt: .max >> 1, makesAccount: false)
        #expect(refused == nil)
        #expect(try fixture.verify().users == 0)
        #expect(try await login(fixture, "not a name", "a.b.c", endsAt: .max >> 1) == nil)
    }

    @Test("an account with a password is opened only where that is allowed")
    func withPassword() async throws {
        let fixture = try ChatFixture()
        let own = try await fixture.register("ann")
        #expect(try await login(fixture, "ann", "a.b.c", endsAt: .max >> 1) == nil)
        let opened = try await login(
            fixture, "ann", "a.b.c", endsAt: .max >> 1, opensAccountsWithPassword: true)
        #expect(opened?.user == own.user)
    }

    @Test("it ends with its credential, use or not")
    func expiry() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let end = clock.now() + 3 * Self.hour
        let session = try #require(try await login(fixture, "ann", "a.b.c", endsAt: end))
        clock.advance(microseconds: 2 * Self.hour)
        #expect(try await login(fixture, "ann", "a.b.c", endsAt: end)?.expiresAt == end)
        clock.advance(microseconds: Self.hour)
        #expect(try await login(fixture, "ann", "a.b.c", endsAt: end) == nil)
        #expect(try await fixture.devices(session.user).isEmpty)
    }

    @Test("a credential that was ended here stays refused while the issuer's time runs")
    func revoked() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let end = clock.now() + 24 * Self.hour
        let session = try #require(try await login(fixture, "ann", "a.b.c", endsAt: end))
        try await fixture.revoke(session.user, session.device)
        for _ in 0..<2 {
            #expect(try await login(fixture, "ann", "a.b.c", endsAt: end) == nil)
            try fixture.reopen()
        }
        #expect(try fixture.verify().errors == [])
        #expect(try await login(fixture, "ann", "d.e.f", endsAt: end)?.user == session.user)
    }

    @Test("a disabled account refuses it, and it does not come back with the account")
    func disabled() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let end = clock.now() + 24 * Self.hour
        let session = try #require(try await login(fixture, "ann", "a.b.c", endsAt: end))
        try await fixture.setDisabled(session.user, true)
        #expect(try await login(fixture, "ann", "a.b.c", endsAt: end) == nil)
        #expect(try await login(fixture, "ann", "d.e.f", endsAt: end) == nil)
        try await fixture.setDisabled(session.user, false)
        #expect(try await login(fixture, "ann", "a.b.c", endsAt: end) == nil)
        #expect(try await login(fixture, "ann", "d.e.f", endsAt: end) != nil)
    }

    @Test("no password opens an account that an issuer made")
    func noPassword() async throws {
        let fixture = try ChatFixture()
        _ = try await login(fixture, "ann", "a.b.c", endsAt: .max >> 1)
        for password in ["", "a.b.c", "correct horse"] {
            let refused = await code { [chat = fixture.chat] in
                chat.logIn(name: "ann", password: password, completion: $0)
            }
            #expect(refused == .unauthorized)
        }
    }
}
