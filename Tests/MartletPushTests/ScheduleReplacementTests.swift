import Testing

@testable import MartletPush

@Suite("The outbox: newer jobs")
struct ScheduleReplacementTests {
    private let second: UInt64 = 1_000_000

    @Test("a newer job takes the place of one that waits, and does not wait longer")
    func waiting() {
        var world = OutboxWorld.started()
        let due = world.now + 60 * second
        world.offer(OutboxWorld.job(1, dueAt: due))
        world.offer(OutboxWorld.job(1, version: 2, dueAt: due + 30 * second))
        #expect(world.store[[1]]?.dueAt == due && world.schedule.count == 1)
        world.settle()
        #expect(world.accepted.map(\.version) == [2] && world.broken.isEmpty)
    }

    @Test("a newer job does not cut a back-off short")
    func backoff() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.finish(0, .retry(after: 60, scope: .subscription, reason: "429"))
        world.offer(OutboxWorld.job(1, version: 2, dueAt: world.now))
        #expect(world.sending.isEmpty)
        #expect(world.store[[1]]?.attempts == 1 && world.store[[1]]?.version == 2)
        #expect((world.store[[1]]?.dueAt ?? 0) >= world.now + 60 * second)
    }

    @Test("a newer job waits for the attempt that is under way, then goes at once")
    func inFlight() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.offer(OutboxWorld.job(1, version: 2))
        world.offer(OutboxWorld.job(1, version: 3))
        #expect(world.sending.map(\.version) == [1])
        world.finish()
        #expect(world.sending.map(\.version) == [3] && world.store[[1]]?.version == 3)
        world.finish()
        #expect(world.store.isEmpty && world.broken.isEmpty)
    }

    @Test("if that attempt fails, the newer job takes over its back-off")
    func inFlightFails() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.offer(OutboxWorld.job(1, version: 2))
        world.finish(0, .retry(after: nil, scope: .subscription, reason: "later"))
        #expect(world.sending.isEmpty)
        #expect(world.store[[1]]?.version == 2 && world.store[[1]]?.attempts == 1)
        world.settle()
        #expect(world.accepted.map(\.version) == [2])
    }

    @Test("if that attempt is refused, the newer job gets its own")
    func inFlightRefused() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1))
        world.offer(OutboxWorld.job(1, version: 2))
        world.finish(0, .refused(reason: "x", isAlarm: false))
        #expect(world.dead.isEmpty && world.sending.map(\.version) == [2])
    }

    @Test("an older version, or the same, changes nothing")
    func older() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1, version: 5, dueAt: world.now + second))
        for version: UInt64 in [4, 5] {
            let actions = world.schedule.offer(
                OutboxWorld.job(1, version: version), now: world.now, using: &world.random)
            #expect(actions.isEmpty)
        }
    }

    @Test("what nobody wants any more is not sent")
    func cancelled() {
        var world = OutboxWorld.started()
        world.offer(OutboxWorld.job(1, dueAt: world.now + second))
        world.cancel([1])
        world.settle()
        #expect(world.accepted.isEmpty && world.schedule.count == 0)
        world.offer(OutboxWorld.job(2))
        world.cancel([2])
        world.finish(0, .retry(after: nil, scope: .subscription, reason: "x"))
        world.settle()
        #expect(world.accepted.isEmpty && world.store.isEmpty && world.broken.isEmpty)
    }
}
