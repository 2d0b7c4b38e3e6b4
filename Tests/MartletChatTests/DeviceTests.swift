import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("Devices")
struct DeviceTests {
    @Test("every login is a device, listed with its label, the one used last first")
    func list() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let first = try await fixture.register("ann", label: "Firefox on Linux")
        clock.advance(microseconds: 5_000_000)
        let second = try await fixture.logIn("ann")
        #expect(first.device != second.device)
        let devices = try await fixture.devices(first.user)
        #expect(devices.map(\.device) == [second.device, first.device])
        #expect(devices.map(\.label) == ["", "Firefox on Linux"])
        #expect(devices.map(\.createdAt) == [clock.now(), clock.now() - 5_000_000])
        #expect(devices.map(\.lastSeenAt) == devices.map(\.createdAt))
        #expect(devices.map(\.expiresAt) == [second.expiresAt, first.expiresAt])
        #expect(try await fixture.devices(try fixture.users("bea")[0]).isEmpty)
        #expect(try fixture.verify().devices == 2)
    }

    @Test("a label is 1 to 64 bytes", arguments: ["", String(repeating: "ä", count: 33)])
    func badLabel(_ label: String) async throws {
        let fixture = try ChatFixture()
        let refused = await code { [chat = fixture.chat] in
            chat.register(
                name: "ann", password: "correct horse", label: label, completion: $0)
        }
        #expect(refused == .badRequest)
    }

    @Test("a revoked device's token is refused, also after a restart, and others are not")
    func revoke() async throws {
        let fixture = try ChatFixture()
        let ends = fixture.recordEnds()
        let kept = try await fixture.register("ann")
        let lost = try await fixture.logIn("ann")
        #expect(try await fixture.accepts(lost.token))
        try await fixture.revoke(kept.user, lost.device)
        #expect(
            ends.all == [SessionEnd(user: kept.user, device: lost.device, cause: .revoked)])
        #expect(fixture.chat.hasEnded(user: kept.user, device: try #require(lost.device)))
        #expect(!fixture.chat.hasEnded(user: kept.user, device: try #require(kept.device)))
        for _ in 0..<2 {
            #expect(try await !fixture.accepts(lost.token))
            #expect(try await fixture.accepts(kept.token))
            #expect(try await fixture.devices(kept.user).map(\.device) == [kept.device])
            #expect(try fixture.verify().errors == [])
            try fixture.reopen()
        }
    }

    @Test("a repeated revocation, and one of another user's device, change nothing")
    func revokeForeign() async throws {
        let fixture = try ChatFixture()
        let ann = try await fixture.register("ann")
        let bea = try await fixture.register("bea")
        let ends = fixture.recordEnds()
        try await fixture.revoke(bea.user, ann.device)
        #expect(try await fixture.accepts(ann.token))
        try await fixture.revoke(ann.user, ann.device)
        try await fixture.revoke(ann.user, ann.device)
        #expect(ends.all.count == 1)
    }

    @Test("a log-out ends the device and tells of it, once")
    func logOut() async throws {
        let fixture = try ChatFixture()
        let session = try await fixture.register("ann")
        let token = try #require(session.token)
        let ends = fixture.recordEnds()
        for _ in 0..<2 {
            let _: Void = try await value { [chat = fixture.chat] in
                chat.logOut(token: token, completion: $0)
            }
        }
        #expect(
            ends.all
                == [SessionEnd(user: session.user, device: session.device, cause: .loggedOut)])
        #expect(try await fixture.devices(session.user).isEmpty)
        #expect(try fixture.verify().errors == [])
    }

    @Test("the seventeenth login ends the device that was unused for longest")
    func tooMany() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        var sessions = [try await fixture.register("ann")]
        for _ in 1..<ChatLimits.devices {
            clock.advance(microseconds: 1_000_000)
            sessions.append(try await fixture.logIn("ann"))
        }
        // The first one is used again, so that the second is the one unused for longest.
        clock.advance(microseconds: fixture.options.tokens.renewal)
        #expect(try await fixture.accepts(sessions[0].token))
        let ends = fixture.recordEnds()
        let last = try await fixture.logIn("ann")
        #expect(
            ends.all
                == [SessionEnd(user: last.user, device: sessions[1].device, cause: .replaced)])
        #expect(try await fixture.devices(last.user).count == ChatLimits.devices)
        #expect(try await !fixture.accepts(sessions[1].token))
        #expect(try await fixture.accepts(sessions[0].token))
        #expect(try await fixture.accepts(last.token))
        #expect(try fixture.verify().errors == [])
    }

    @Test("a device that was used a moment ago, or has a connection open, is not the one that ends")
    func inUse() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        var sessions = [try await fixture.register("ann")]
        let user = sessions[0].user
        fixture.chat.deviceOpened(user: user, device: try #require(sessions[0].device))
        for _ in 1..<ChatLimits.devices {
            clock.advance(microseconds: 1_000_000)
            sessions.append(try await fixture.logIn("ann"))
        }
        // Since then the third one has asked something, and one of the second's two connections has
        // been closed.
        clock.advance(microseconds: 500_000)
        let second = try #require(sessions[1].device)
        for _ in 0..<2 { fixture.chat.deviceOpened(user: user, device: second) }
        fixture.chat.deviceClosed(user: user, device: second)
        #expect(try await fixture.accepts(sessions[2].token))
        let ends = fixture.recordEnds()
        clock.advance(microseconds: 1_000_000)
        _ = try await fixture.logIn("ann")
        #expect(ends.all.map(\.device) == [sessions[3].device])
        // From its last connection's end on the second one is as unused as others.
        fixture.chat.deviceClosed(user: user, device: second)
        for _ in 4..<ChatLimits.devices {
            clock.advance(microseconds: 1_000_000)
            _ = try await fixture.logIn("ann")
        }
        let rest = sessions[4...].map(\.device)
        #expect(ends.all.dropFirst().map(\.device) == rest)
        for index in 0..<2 {
            clock.advance(microseconds: 1_000_000)
            _ = try await fixture.logIn("ann")
            #expect(ends.all.last?.device == sessions[2 - index].device)
        }
        #expect(try await fixture.accepts(sessions[0].token))
        #expect(try fixture.verify().errors == [])
    }

    @Test("logins at once leave sixteen devices")
    func atOnce() async throws {
        let fixture = try ChatFixture { $0.hashThreads = 4 }
        let session = try await fixture.register("ann")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { _ = try await fixture.logIn("ann") } }
            try await group.waitForAll()
        }
        #expect(try await fixture.devices(session.user).count == ChatLimits.devices)
        #expect(try fixture.verify().errors == [])
    }
}
