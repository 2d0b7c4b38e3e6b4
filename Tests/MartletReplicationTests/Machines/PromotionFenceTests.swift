import MartletStore
import Testing

@testable import MartletReplication

@Suite("Who may be promoted") struct PromotionFenceTests {
    private let term = TermID(epoch: 3, incarnation: 9)

    private func history(_ terms: [(UInt32, UInt64, UInt64)]) throws -> TermHistory {
        try TermHistory(
            terms.map { epoch, incarnation, first in
                Term(
                    epoch: epoch, incarnation: incarnation, firstSequence: first,
                    keepsCursors: true)
            })
    }

    private func fence(_ history: TermHistory, _ end: UInt64, needed: Int = 1) -> PromotionFence {
        PromotionFence(term: term, needed: needed, history: history, lastSequence: end)
    }

    @Test("whoever has all that the others have, once enough have promised")
    func enough() throws {
        let line = try history([(1, 1, 1)])
        var fence = fence(line, 10, needed: 2)
        let answer = PromiseAnswer(term: term, history: line, lastSequence: 10)
        #expect(fence.outcome == .waiting(2))
        let first = fence.receive(answer, from: 1)
        // The same one again is one.
        let again = fence.receive(answer, from: 1)
        let second = fence.receive(answer, from: 2)
        #expect([first, again, second] == [.waiting(1), .waiting(1), .won])
    }

    @Test("not a shorter log of the same term")
    func shorter() throws {
        let line = try history([(1, 1, 1)])
        var fence = fence(line, 9)
        let answer = PromiseAnswer(term: term, history: line, lastSequence: 10)
        let outcome = fence.receive(answer, from: 1)
        #expect(outcome == .behind(answer))
    }

    @Test("not a longer log of an older incarnation: the newer one's is acknowledged")
    func incarnations() throws {
        let older = try history([(2, 1, 1)])
        let newer = try history([(2, 1, 1), (2, 2, 8)])
        var longer = fence(older, 10)
        let answer = PromiseAnswer(term: term, history: newer, lastSequence: 9)
        let refused = longer.receive(answer, from: 1)
        #expect(refused == .behind(answer))
        var shorter = fence(newer, 9)
        let won = shorter.receive(
            PromiseAnswer(term: term, history: older, lastSequence: 10), from: 1)
        #expect(won == .won)
    }

    @Test("neither of two lines of one epoch")
    func lines() throws {
        let left = try history([(1, 1, 1), (2, 5, 4)])
        let right = try history([(1, 1, 1), (2, 6, 4)])
        var fence = fence(left, 10)
        let answer = PromiseAnswer(term: term, history: right, lastSequence: 5)
        let outcome = fence.receive(answer, from: 1)
        #expect(outcome == .behind(answer))
    }

    @Test("nobody below a promise that was made to another one")
    func outbid() throws {
        let line = try history([(1, 1, 1)])
        var fence = fence(line, 10)
        let other = TermID(epoch: 4, incarnation: 1)
        let outcome = fence.receive(Refusal(.staleTerm, other, "promised"))
        #expect(outcome == .outbid(other))
    }
}
