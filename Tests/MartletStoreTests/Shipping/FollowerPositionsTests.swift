import Testing

@testable import MartletStore

@Suite("Positions of followers") struct FollowerPositionsTests {
    private let term = TermID(epoch: 2, incarnation: 7)

    @Test("decide a write when as many as it asks for have all of it")
    func counting() {
        var positions = FollowerPositions()
        positions.begin(term)
        #expect(positions.verdict(upTo: 5, at: 0) == .applies)
        #expect(positions.verdict(upTo: 1, at: 1) == .undecided)
        for (name, end) in [("a", UInt64(5)), ("b", 9), ("c", 7)] {
            let counts1 = positions.report(name, in: term, upTo: end)
            #expect(counts1)
        }
        #expect((1...4).map { positions.sequence(durableAt: $0) } == [9, 7, 5, 0])
        #expect(positions.verdict(upTo: 7, at: 2) == .applies)
        #expect(positions.verdict(upTo: 8, at: 2) == .undecided)
    }

    @Test("of another term count for nothing, and none is left when a term begins")
    func terms() {
        var positions = FollowerPositions()
        positions.begin(term)
        let counts2 = positions.report("a", in: TermID(epoch: 2, incarnation: 8), upTo: 50)
        #expect(!counts2)
        let counts3 = positions.report("a", in: TermID(epoch: 1, incarnation: 7), upTo: 50)
        #expect(!counts3)
        #expect(positions.sequence(durableAt: 1) == 0)
        let counts4 = positions.report("a", in: term, upTo: 50)
        #expect(counts4)
        positions.begin(TermID(epoch: 3, incarnation: 1))
        #expect(positions.sequence(durableAt: 1) == 0)
    }

    @Test("stay when a follower is gone, and go back when it says so")
    func detached() {
        var positions = FollowerPositions()
        positions.begin(term)
        positions.attach("a")
        _ = positions.report("a", in: term, upTo: 9)
        positions.detach("a")
        #expect(positions.attached.isEmpty)
        #expect(positions.verdict(upTo: 9, at: 1) == .applies)
        _ = positions.report("a", in: term, upTo: 4)
        #expect(positions.verdict(upTo: 9, at: 1) == .undecided)
    }

    @Test("decide nothing once another store was promoted")
    func fenced() {
        var positions = FollowerPositions()
        positions.begin(term)
        _ = positions.report("a", in: term, upTo: 9)
        positions.fence()
        #expect(positions.verdict(upTo: 1, at: 0) == .fenced)
        #expect(positions.verdict(upTo: 1, at: 1) == .fenced)
        let counts5 = positions.report("a", in: term, upTo: 10)
        #expect(!counts5)
        positions.lead(TermID(epoch: 9, incarnation: 1))
        #expect(positions.verdict(upTo: 1, at: 0) == .applies)
        #expect(positions.verdict(upTo: 1, at: 1) == .undecided)
    }
}
