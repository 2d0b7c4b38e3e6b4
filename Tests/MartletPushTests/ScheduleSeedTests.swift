import MartletSimulation
import Testing

@testable import MartletPush

@Suite("The outbox under everything at once")
struct ScheduleSeedTests {
    @Test("whatever happens, no job is lost, doubled or sent out of turn", arguments: 0..<60)
    func everything(_ seed: Int) {
        var limits = PushSchedule.Limits()
        limits.jobsMax = [4, 16, 64][seed % 3]
        limits.inFlightMax = 6
        limits.inFlightPerServiceMax = 2
        var world = OutboxWorld(limits, seed: UInt64(seed))
        world.readsLate = seed % 2 == 0
        var choices = SeededGenerator(seed: UInt64(seed) << 32)
        var versions: [UInt8: UInt64] = [:]
        for _ in 0..<3_000 {
            step(&world, &choices, &versions)
            if !world.broken.isEmpty { break }
        }
        world.settle()
        #expect(world.broken.isEmpty, "seed \(seed): \(world.broken.prefix(3))")
        #expect(world.store.isEmpty, "seed \(seed)")
        #expect(world.schedule.count == 0 && world.schedule.inFlightCount == 0, "seed \(seed)")
        #expect(world.schedule.horizon == nil, "seed \(seed)")
        #expect(world.schedule.waiting.keys.count <= 64, "seed \(seed)")
    }

    @Test("what is offered last is what the service accepts last", arguments: 0..<20)
    func newest(_ seed: Int) {
        var limits = PushSchedule.Limits()
        limits.jobsMax = 8
        var world = OutboxWorld(limits, seed: UInt64(seed))
        world.readsLate = seed % 2 == 0
        var choices = SeededGenerator(seed: UInt64(seed) << 32)
        var versions: [UInt8: UInt64] = [:]
        for _ in 0..<1_000 {
            switch choices.next() % 4 {
            case 0, 1: offer(&world, &choices, &versions, lifetime: .max / 2)
            case 2: finish(&world, &choices, [.accepted, retry(nil, .subscription), .shrink])
            default: advance(&world, &choices)
            }
        }
        world.settle()
        for (id, version) in versions {
            let last = world.accepted.last { $0.id == [id] }
            #expect(last?.version == version, "seed \(seed), id \(id)")
        }
        #expect(world.broken.isEmpty, "seed \(seed): \(world.broken.prefix(3))")
    }

    private func step(
        _ world: inout OutboxWorld, _ choices: inout SeededGenerator,
        _ versions: inout [UInt8: UInt64]
    ) {
        switch choices.next() % 100 {
        case 0..<40: offer(&world, &choices, &versions, lifetime: 3_000_000_000)
        case 40..<70:
            finish(
                &world, &choices,
                [
                    .accepted, .accepted, .accepted, retry(nil, .subscription), retry(7, .host),
                    retry(nil, .host), .shrink, .dropSubscription(reason: "gone"),
                    .refused(reason: "bad", isAlarm: true),
                ])
        case 70..<85: advance(&world, &choices)
        case 85..<95: world.refill()
        case 95..<99: world.cancel([UInt8(choices.next() % 100)])
        default: world.crash()
        }
    }

    private func retry(_ after: UInt32?, _ scope: PushOutcome.Scope) -> PushOutcome {
        .retry(after: after, scope: scope, reason: "later")
    }

    private func offer(
        _ world: inout OutboxWorld, _ choices: inout SeededGenerator,
        _ versions: inout [UInt8: UInt64], lifetime: UInt64
    ) {
        let id = UInt8(choices.next() % 100)
        versions[id, default: 0] += 1
        let delay = choices.next() % 3 == 0 ? choices.next() % 60_000_000 : 0
        world.offer(
            OutboxWorld.job(
                id, version: versions[id] ?? 0, service: "\(id % 5)", dueAt: world.now + delay,
                expiresAt: world.now + lifetime))
    }

    private func finish(
        _ world: inout OutboxWorld, _ choices: inout SeededGenerator, _ outcomes: [PushOutcome]
    ) {
        guard !world.sending.isEmpty else { return }
        let index = Int(choices.next() % UInt64(world.sending.count))
        world.finish(index, outcomes[Int(choices.next() % UInt64(outcomes.count))])
    }

    private func advance(_ world: inout OutboxWorld, _ choices: inout SeededGenerator) {
        world.advance(to: world.now + choices.next() % 20_000_000)
    }
}
