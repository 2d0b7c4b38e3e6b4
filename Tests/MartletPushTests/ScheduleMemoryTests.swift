import Testing

@testable import MartletPush

@Suite("The outbox: memory")
struct ScheduleMemoryTests {
    private let second: UInt64 = 1_000_000

    private func limits(_ jobsMax: Int) -> PushSchedule.Limits {
        var limits = PushSchedule.Limits()
        limits.jobsMax = jobsMax
        limits.inFlightMax = 4
        return limits
    }

    @Test("at the start, what was stored before comes back")
    func start() {
        var world = OutboxWorld(limits(16))
        for id in UInt8(0)..<100 { world.store[[id]] = OutboxWorld.job(id) }
        world.crash()
        #expect(world.schedule.count == 0 && world.isRefilling)
        world.settle()
        #expect(world.accepted.count == 100 && world.store.isEmpty && world.broken.isEmpty)
    }

    @Test("far more jobs than fit are all sent, the earliest first")
    func overflow() {
        var world = OutboxWorld.started(limits(16))
        for id in (UInt8(0)..<200).reversed() {
            world.offer(OutboxWorld.job(id, dueAt: world.now + UInt64(id) * second + second))
        }
        #expect(world.schedule.count <= 16)
        world.settle()
        #expect(world.accepted.map(\.id) == (UInt8(0)..<200).map { [$0] })
        #expect(world.broken.isEmpty)
    }

    @Test("an earlier job gets in when the memory is full of later ones")
    func earlier() {
        var world = OutboxWorld.started(limits(16))
        for id in UInt8(0)..<50 {
            world.offer(OutboxWorld.job(id, dueAt: world.now + 3_600 * second))
        }
        world.offer(OutboxWorld.job(99))
        #expect(world.sending.map(\.id) == [[99]])
    }

    @Test("a service that backs off does not fill the memory for the others")
    func blocked() {
        var world = OutboxWorld.started(limits(16))
        for id in UInt8(0)..<100 { world.offer(OutboxWorld.job(id, service: "down")) }
        for id in UInt8(100)..<120 { world.offer(OutboxWorld.job(id, service: "up")) }
        let start = world.now
        while world.now < start + 300 * second {
            if world.isRefilling {
                world.refill()
            } else if let job = world.sending.first {
                let isUp = job.service == "up"
                world.finish(
                    0, isUp ? .accepted : .retry(after: 600, scope: .host, reason: "429"))
            } else {
                world.advance(to: world.wakeAt ?? .max)
            }
        }
        #expect(world.accepted.filter { $0.service == "up" }.count == 20)
        world.settle()
        #expect(world.accepted.count == 120 && world.broken.isEmpty)
    }

    @Test("jobs that come while a refill is under way are not missed")
    func whileRefilling() {
        var world = OutboxWorld(limits(4))
        for id in UInt8(0)..<40 { world.offer(OutboxWorld.job(id, dueAt: world.now)) }
        world.refill()
        for id in UInt8(40)..<60 { world.offer(OutboxWorld.job(id, dueAt: world.now)) }
        world.settle()
        #expect(world.accepted.count == 60 && world.broken.isEmpty)
    }
}
