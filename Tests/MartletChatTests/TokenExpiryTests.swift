import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("The expiry of tokens")
struct TokenExpiryTests {
    private static let day: UInt64 = 86_400_000_000

    @Test("a token that is not used for thirty days is refused, and its device is gone")
    func inactivity() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let session = try await fixture.register("ann")
        #expect(session.expiresAt == clock.now() + 30 * Self.day)
        clock.advance(microseconds: 30 * Self.day)
        #expect(try await !fixture.accepts(session.token))
        #expect(try await fixture.devices(session.user).isEmpty)
    }

    @Test("use puts the expiry off, also over a restart")
    func renewal() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let session = try await fixture.register("ann")
        for use in 0..<3 {
            clock.advance(microseconds: 20 * Self.day)
            #expect(try await fixture.accepts(session.token))
            try fixture.waitForUses(use)
            #expect(
                try await fixture.devices(session.user).map(\.expiresAt)
                    == [clock.now() + 30 * Self.day])
            try fixture.reopen()
        }
        #expect(try fixture.verify().errors == [])
    }

    @Test("no use puts it off beyond 180 days")
    func absolute() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let session = try await fixture.register("ann")
        let end = clock.now() + 180 * Self.day
        for use in 0..<8 {
            clock.advance(microseconds: 20 * Self.day)
            #expect(try await fixture.accepts(session.token))
            try fixture.waitForUses(use)
        }
        #expect(try await fixture.devices(session.user).map(\.expiresAt) == [end])
        clock.advance(microseconds: 20 * Self.day)
        #expect(try await !fixture.accepts(session.token))
    }

    @Test("use is written down once an hour at most")
    func lazily() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let session = try await fixture.register("ann")
        var written = [fixture.store.statistics().visibleSequence]
        for _ in 0..<20 {
            clock.advance(microseconds: 600_000_000)
            #expect(try await fixture.accepts(session.token))
            try fixture.waitForUses(written.count)
            written.append(fixture.store.statistics().visibleSequence)
        }
        // Each barrier writes two rows, each renewal two more: after every sixth use.
        let steps = zip(written, written.dropFirst()).map { $1 - $0 }
        #expect(steps.count { $0 == 2 } == 17 && steps.count { $0 == 4 } == 3)
    }

    @Test("a short inactivity does not end what is used all the time")
    func short() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock) { $0.tokens.inactivity = 60_000_000 }
        let session = try await fixture.register("ann")
        for round in 0..<50 {
            clock.advance(microseconds: 5_000_000)
            #expect(try await fixture.accepts(session.token))
            try fixture.waitForUses(round)
        }
        clock.advance(microseconds: 60_000_000)
        #expect(try await !fixture.accepts(session.token))
    }

    @Test("a clock that steps back neither ends nor renews")
    func stepBack() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let session = try await fixture.register("ann")
        clock.set(clock.now() - Self.day)
        #expect(try await fixture.accepts(session.token))
        #expect(
            try await fixture.devices(session.user).map(\.expiresAt) == [session.expiresAt])
    }
}

extension ChatFixture {
    /// Writes something behind the uses of tokens, which nobody waits for, and which a clock that
    /// is moved by days would outrun.
    fileprivate func waitForUses(_ number: Int) throws {
        #expect(try users("barrier-\(number)").count == 1)
    }
}
