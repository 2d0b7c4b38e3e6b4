import MartletFuzzing
import MartletStore
import Testing

@testable import MartletReplication

@Suite("A primary that was to be followed") struct StaleCandidateTests {
    @Test("is refused as stale when a higher term was promised meanwhile")
    func promisedMeanwhile() throws {
        let line = try ReplicationSamples.history()
        var state = FollowerState(
            storeID: ReplicationSamples.storeID, history: line, lastSequence: 41, visible: 41,
            promise: ReplicationSamples.leader, nextTree: 1)
        var machine = FollowerMachine(
            FollowerMachine.Settings(follower: 7, name: "nest-2", addresses: 2), state, random: 1)
        let connects = machine.tick(now: 0)
        #expect(connects == [.connect(1, address: 0), .connect(2, address: 1)])
        _ = machine.connected(1, now: 0)
        _ = machine.connected(2, now: 0)
        let welcome = Welcome(
            storeID: ReplicationSamples.storeID, history: line,
            position: ReplicationSamples.position)
        // Nobody is followed before it is known what the other one is.
        let waits = machine.receive(
            ShipperFrame(ReplicationSamples.leader, .welcome(welcome)), from: 1, now: 1)
        #expect(waits.isEmpty)

        let higher = TermID(epoch: 4, incarnation: 9)
        let fenced = machine.receive(ShipperFrame(higher, .fence), from: 2, now: 2)
        guard case .work(.promise)? = fenced.first else {
            Issue.record("no promise is made: \(fenced)")
            return
        }
        state.promise = higher
        let done = machine.finished(.done(state), now: 3)
        let refusals = done.compactMap { action -> Refusal? in
            if case .send(1, .refused(let refusal)) = action { refusal } else { nil }
        }
        #expect(refusals.map(\.code) == [.staleTerm] && refusals.map(\.term) == [higher])
        let works = done.filter { if case .work = $0 { true } else { false } }
        #expect(works.isEmpty, "\(works)")
    }
}
