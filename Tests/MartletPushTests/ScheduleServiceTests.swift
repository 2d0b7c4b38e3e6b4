import Testing

@testable import MartletPush

@Suite("The outbox: services")
struct ScheduleServiceTests {
    private let second: UInt64 = 1_000_000

    private var narrow: PushSchedule.Limits {
        var limits = PushSchedule.Limits()
        limits.inFlightMax = 64
        limits.inFlightPerServiceMax = 8
        return limits
    }

    @Test("at most so many to a service and in all; the others go as places come free")
    func bounds() {
        var world = OutboxWorld.started(narrow)
        for id in UInt8(0)..<200 { world.offer(OutboxWorld.job(id, service: "\(id % 20)")) }
        #expect(world.sending.count == 64)
        world.settle()
        #expect(world.accepted.count == 200 && world.broken.isEmpty)
    }

    @Test("one busy service does not hold up the others")
    func fairness() {
        var world = OutboxWorld.started(narrow)
        for id in UInt8(0)..<100 { world.offer(OutboxWorld.job(id, service: "busy")) }
        world.offer(OutboxWorld.job(200, service: "other"))
        #expect(world.sending.filter { $0.service == "busy" }.count == 8)
        #expect(world.sending.contains { $0.service == "other" })
    }

    @Test("a rate limit holds up all that goes to the service, and nothing else")
    func rateLimit() throws {
        var world = OutboxWorld.started(narrow)
        for id in UInt8(0)..<20 { world.offer(OutboxWorld.job(id, service: "slow")) }
        world.finish(0, .retry(after: 60, scope: .host, reason: "429"))
        while !world.sending.isEmpty { world.finish() }
        #expect(world.accepted.count == 7)
        world.offer(OutboxWorld.job(100, service: "slow"))
        world.offer(OutboxWorld.job(101, service: "other"))
        #expect(world.sending.map(\.service) == ["other"])
        let opens = try #require(world.wakeAt)
        #expect(opens >= world.now + 60 * second && opens <= world.now + 69 * second)
        world.settle()
        #expect(world.accepted.count == 22 && world.broken.isEmpty)
    }

    @Test("a service that only fails is asked by one push at a time")
    func probes() throws {
        var limits = PushSchedule.Limits()
        limits.serviceFailuresMax = 3
        var world = OutboxWorld.started(limits)
        for id in UInt8(0)..<30 { world.offer(OutboxWorld.job(id)) }
        while !world.sending.isEmpty {
            world.finish(0, .retry(after: nil, scope: .subscription, reason: "down"))
        }
        for _ in 0..<20 {
            world.advance(to: try #require(world.wakeAt))
            #expect(world.sending.count <= 1)
            if !world.sending.isEmpty {
                world.finish(0, .retry(after: nil, scope: .subscription, reason: "down"))
            }
        }
        world.settle()
        #expect(world.accepted.count == 30 && world.broken.isEmpty)
    }

    @Test("services that are gone are forgotten")
    func forgotten() {
        var world = OutboxWorld.started()
        for round in 0..<10 {
            for id in UInt8(0)..<100 {
                world.offer(
                    OutboxWorld.job(id, version: UInt64(round + 1), service: "\(round) \(id)"))
            }
            while !world.sending.isEmpty { world.finish(0, .dropSubscription(reason: "410")) }
        }
        #expect(world.schedule.services.count <= 256 && world.broken.isEmpty)
    }
}
