import MartletSimulation
import Testing

@testable import MartletPush

@Suite("The outbox: trying again")
struct ScheduleRetryTests {
    private let second: UInt64 = 1_000_000

    private func retry(
        _ after: UInt32? = nil, _ scope: PushOutcome.Scope = .subscription
    ) -> PushOutcome { .retry(after: after, scope: scope, reason: "later") }

    @Test("delays double from one second, with half on top by chance", arguments: 0..<20)
    func doubling(_ seed: UInt64) {
        let backoff = Backoff(first: second, most: 900 * second)
        var random = SeededGenerator(seed: seed)
        for failures in UInt32(1)...40 {
            let base =
                failures > 10 ? 900 * second : min(second << UInt64(failures - 1), 900 * second)
            let delay = backoff.delay(failures: failures, asked: nil, using: &random)
            #expect((base...base + base / 2).contains(delay), "seed \(seed), \(failures)")
        }
    }

    @Test("what the service asks for is the least", arguments: 0..<20)
    func asked(_ seed: UInt64) {
        let backoff = Backoff(first: second, most: 900 * second)
        var random = SeededGenerator(seed: seed)
        let delay = backoff.delay(failures: 1, asked: 3_600, using: &random)
        #expect((3_600 * second...4_050 * second).contains(delay), "seed \(seed)")
    }

    @Test("a failed job is stored with its new time and sent again then, not before")
    func again() throws {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.finish(0, retry())
        let stored = try #require(world.store[[1]])
        #expect(stored.attempts == 1 && stored.lastReason == "later")
        #expect(stored.dueAt >= world.now + second && world.wakeAt == stored.dueAt)
        world.advance(to: stored.dueAt - 1)
        #expect(world.sending.isEmpty)
        world.advance(to: stored.dueAt)
        #expect(world.sending == [stored])
    }

    @Test("a job that would outlive its time is a dead letter at once")
    func expired() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1, expiresAt: world.now + 10 * second))
        world.finish(0, retry(60))
        #expect(world.dead.map(\.lastReason) == ["expired: later"])
        #expect(world.store.isEmpty && world.broken.isEmpty)
    }

    @Test("a refused job is a dead letter, with an alarm where all would be refused")
    func refused() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.finish(0, .refused(reason: "wrong key", isAlarm: true))
        #expect(world.dead.map(\.lastReason) == ["wrong key"])
        #expect(world.alarms == ["a: wrong key"])
        world.offer(OutboxWorld.job(2))
        world.finish(0, .refused(reason: "bad topic", isAlarm: false))
        #expect(world.alarms.count == 1 && world.dead.count == 2)
    }

    @Test("a dead letter that is driven again starts afresh")
    func redrive() throws {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1, expiresAt: world.now + second))
        world.finish(0, retry())
        let dead = try #require(world.dead.first)
        world.offer(dead.revived(now: world.now, lifetime: 60 * second))
        #expect(world.sending.map(\.attempts) == [0])
        world.settle()
        #expect(world.store.isEmpty && world.broken.isEmpty)
    }

    @Test("a dead subscription takes its job along, the newer one too")
    func dropped() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.offer(OutboxWorld.job(1, version: 2))
        world.finish(0, .dropSubscription(reason: "410"))
        #expect(world.dropped.map(\.version) == [1])
        #expect(world.store.isEmpty && world.schedule.count == 0)
    }

    @Test("what was too large is sent bare at once, and given up if that is too large")
    func shrunk() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.finish(0, .shrink)
        #expect(world.sending.map(\.isBare) == [true] && world.store[[1]]?.isBare == true)
        world.finish(0, .shrink)
        #expect(world.dead.map(\.lastReason) == ["too large without a payload"])
    }
}
