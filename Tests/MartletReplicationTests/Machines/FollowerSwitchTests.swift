import MartletStore
import Testing

@testable import MartletReplication

@Suite("A follower that changes to a higher term") struct FollowerSwitchTests {
    private static let old = Term(
        epoch: 1, incarnation: 5, firstSequence: 1, keepsCursors: false)
    private static let new = Term(
        epoch: 2, incarnation: 6, firstSequence: 6, keepsCursors: true)

    private var machine: FollowerMachine
    private var store = ModelStore()
    private var now: UInt64 = 1

    init() throws {
        store.exists = true
        store.history = try TermHistory([Self.old])
        store.promise = TermID(Self.old)
        store.entries = (1...5).map { .init(id: $0, epoch: 1, tree: 0) }
        store.synced = 5
        machine = FollowerMachine(
            FollowerMachine.Settings(follower: 7, name: "nest-3", addresses: 2), store.state,
            random: 1)
    }

    private func welcome(_ terms: [Term]) throws -> ShipperFrame {
        let history = try TermHistory(terms)
        let position = PrimaryPosition(lastSequence: 5, time: 1, showsReplicatedOnly: false)
        return ShipperFrame(
            history.currentID,
            .welcome(Welcome(storeID: ModelStore.id, history: history, position: position)))
    }

    /// Lets time pass until something is done.
    private mutating func tick() -> [FollowerMachine.Action] {
        for _ in 0..<200 {
            now += ReplicationTimes.second / 10
            let actions = machine.tick(now: now)
            if !actions.isEmpty { return actions }
        }
        return []
    }

    private func staleTerms(_ actions: [FollowerMachine.Action]) -> [Int: TermID] {
        var told: [Int: TermID] = [:]
        for case .send(let connection, .refused(let refusal)) in actions
        where refusal.code == .staleTerm { told[connection] = refusal.term }
        return told
    }

    /// Follows the old primary, while nobody is at the other address.
    private mutating func followOld() throws {
        let search = tick()
        #expect(search == [.connect(1, address: 0), .connect(2, address: 1)])
        _ = machine.connected(1, now: now)
        _ = machine.disconnected(2, now: now)
        _ = machine.receive(try welcome([Self.old]), from: 1, now: now)
        _ = machine.receive(try welcome([Self.old]), from: 1, now: now)
        #expect(machine.stateName == "streaming")
    }

    /// The new primary is found by a look at the other address.
    private mutating func findNew() throws -> (Int, [FollowerMachine.Action]) {
        var connection: Int?
        for _ in 0..<10 where connection == nil {
            _ = machine.receive(
                ShipperFrame(
                    TermID(Self.old),
                    .heartbeat(
                        PrimaryPosition(
                            lastSequence: 5, time: 1, showsReplicatedOnly: false))), from: 1,
                now: now)
            for case .connect(let found, address: 1) in tick() { connection = found }
        }
        let found = try #require(connection)
        _ = machine.connected(found, now: now)
        return (
            found, machine.receive(try welcome([Self.old, Self.new]), from: found, now: now)
        )
    }

    /// The fault: the old one was dropped without a word, and acknowledged on.
    @Test("tells the old primary at once, when the promise is durable and not before")
    mutating func told() throws {
        try followOld()
        let (_, found) = try findNew()
        #expect(staleTerms(found).isEmpty && !found.contains(.close(1)))
        #expect(found.contains { if case .work(.promise) = $0 { true } else { false } })
        let late = ShipperFrame(TermID(Self.old), .term(Self.old))
        #expect(machine.receive(late, from: 1, now: now).isEmpty, "it is heard no more")
        let history = try TermHistory([Self.old, Self.new])
        let done = machine.finished(store.perform(.promise(history)), now: now)
        #expect(staleTerms(done) == [1: TermID(Self.new)])
        #expect(done.contains(.close(1)))
    }

    @Test("tells nobody where the promise cannot be kept")
    mutating func failed() throws {
        try followOld()
        _ = try findNew()
        let done = machine.finished(.failed(StoreError(.noSpace, "full")), now: now)
        #expect(staleTerms(done).isEmpty)
        #expect(done.contains(.close(1)), "and looks for both anew")
    }

    @Test("tells one that it only meets beside the higher one too")
    mutating func bothAtOnce() throws {
        _ = tick()
        _ = machine.connected(1, now: now)
        _ = machine.connected(2, now: now)
        _ = machine.receive(try welcome([Self.old]), from: 1, now: now)
        _ = machine.receive(try welcome([Self.old, Self.new]), from: 2, now: now)
        let history = try TermHistory([Self.old, Self.new])
        let done = machine.finished(store.perform(.promise(history)), now: now)
        #expect(staleTerms(done) == [1: TermID(Self.new)])
    }

    @Test("and the shipper that is told has its server deposed")
    func shipper() throws {
        let primary = PrimaryState(
            storeID: ModelStore.id, history: try TermHistory([Self.old]), segment: 1, offset: 0,
            nextSequence: 6, nextTree: 1, replicas: 0, isDeposed: false)
        var shipper = Shipper(ShipperSession.Settings(), primary: primary, random: 1)
        _ = shipper.linked()
        shipper.connected(1, certificateName: nil, now: 1)
        let refusal = Refusal(.staleTerm, TermID(Self.new), "promised")
        let actions = shipper.receive(.refused(refusal), from: 1, now: 1, wallTime: 1)
        #expect(actions.contains(.link(.deposed(TermID(Self.new)))))
    }
}
