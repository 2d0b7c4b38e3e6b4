import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

@Suite("What a primary knows of its followers") struct StandingTests {
    private let simulation = Simulation(seed: 1)
    private let store: Store
    private let family: Family
    private let primary: StorePrimary
    private let term: TermID

    init() throws {
        var options = StoreOptions()
        options.diskReserve = 0
        store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        family = try store.createTable("t", families: [FamilySchema("f")]).family("f")
        primary = StorePrimary(store, replicas: 1, environment: simulation.environment)
        primary.listen {}
        term = try #require(store.terms.current?.id)
    }

    private func write(_ count: Int) throws {
        for _ in 0..<count {
            var batch = WriteBatch()
            try batch.put(family, row: "row", qualifier: "q", value: "value")
            try store.write(batch)
        }
    }

    private func tell(
        _ follower: UInt64, _ name: String, at sequence: UInt64, isAttached: Bool = true
    ) {
        primary.follower(
            FollowerPosition(
                follower: follower, name: name, isAttached: isAttached, term: term,
                sequence: sequence, keep: sequence))
    }

    @Test("is how far each is behind in sequences, bytes and seconds")
    func lag() throws {
        tell(1, "nest-1", at: 0)
        try write(3)
        let first = store.lastLogged
        tell(1, "nest-1", at: first)
        var one = try #require(primary.standing().followers.first)
        #expect(one.name == "nest-1" && one.state == "attached" && one.durable == first)
        #expect(one.lagRecords == 0 && one.lagBytes == 0 && one.lagSeconds == 0)
        simulation.clock.advance(microseconds: 1_000_000)
        try write(4)
        let bytes = store.statistics().logBytesWritten
        simulation.clock.advance(microseconds: 2_500_000)
        one = try #require(primary.standing().followers.first)
        #expect(one.lagRecords == 4 && one.lagSeconds == 2.5)
        #expect(one.lagBytes > 0 && one.lagBytes < bytes)
        tell(1, "nest-1", at: store.lastLogged)
        one = try #require(primary.standing().followers.first)
        #expect(one.lagRecords == 0 && one.lagBytes == 0 && one.lagSeconds == 0)
    }

    @Test("is what as many as are waited for have, and who is attached")
    func acknowledged() throws {
        try write(6)
        #expect(primary.standing().acknowledged == 0 && primary.standing().attached == 0)
        tell(1, "nest-1", at: 2)
        tell(2, "nest-2", at: 5)
        let standing = primary.standing()
        #expect(standing.replicas == 1 && standing.attached == 2)
        #expect(standing.acknowledged == 5 && standing.lastSequence == store.lastLogged)
        #expect(standing.followers.map(\.name) == ["nest-1", "nest-2"])
        tell(2, "nest-2", at: 5, isAttached: false)
        #expect(primary.standing().attached == 1)
        #expect(primary.standing().followers.map(\.state) == ["attached", "detached"])
        primary.shipperIsGone()
        #expect(primary.standing().attached == 0)
        #expect(primary.standing().followers.map(\.state) == ["detached", "detached"])
    }

    @Test("has those of an earlier start by their names, and one for each name")
    func names() throws {
        try write(2)
        tell(1, "nest-1", at: 1, isAttached: false)
        tell(2, "nest-2", at: 2, isAttached: false)
        let next = StorePrimary(store, replicas: 0, environment: simulation.environment)
        var known = next.standing().followers
        #expect(known.map(\.name) == ["nest-1", "nest-2"])
        #expect(known.allSatisfy { $0.state == "detached" && $0.lagRecords == 0 })
        // Its files were thrown away: another number, and the same name.
        next.follower(
            FollowerPosition(
                follower: 9, name: "nest-1", isAttached: true, term: term, sequence: 2, keep: 2))
        known = next.standing().followers
        #expect(known.map(\.name) == ["nest-1", "nest-2"])
        #expect(known.map(\.state) == ["attached", "detached"] && known[0].follower == 9)
        #expect(next.standing().acknowledged == 0)
    }

    @Test("counts seeds, commits that wait, and callers that were told so")
    func waiting() throws {
        _ = try primary.makeSeed(7)
        #expect(primary.standing().seeds == 1)
        tell(1, "nest-1", at: 0)
        var batch = WriteBatch()
        try batch.put(family, row: "row", qualifier: "q", value: "value")
        #expect(throws: StoreError.self) { try store.write(batch, durability: .replicated(1)) }
        #expect(throws: StoreError.self) { try store.write(batch) }
        var statistics = store.statistics()
        #expect(statistics.waitingCommits == 2 && statistics.waitingBytes > 0)
        #expect(statistics.replicationTimeouts == 2)
        tell(1, "nest-1", at: store.lastLogged)
        statistics = store.statistics()
        #expect(statistics.waitingCommits == 0 && statistics.waitingBytes == 0)
    }

    @Test("keeps one mark for what is logged within a hundredth of a second")
    func grain() {
        var clock = LagClock(grain: 10)
        for step in 0..<40 as Range<UInt64> {
            clock.note(segment: 1, offset: 100 * (step + 1), lastSequence: step + 1, at: step)
        }
        // Never less than there is, and at most a grain more.
        for sequence in 1..<40 as Range<UInt64> {
            let lag = clock.lag(of: sequence, at: 40)
            let exact = 100 * (40 - sequence)
            #expect(lag.bytes >= exact && lag.bytes <= exact + 1_100, "\(sequence)")
            #expect(lag.seconds > 0)
        }
        #expect(clock.lag(of: 40, at: 40) == (0, 0))
    }
}
