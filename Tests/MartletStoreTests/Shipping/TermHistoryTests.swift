import Testing

@testable import MartletStore

@Suite("Histories tell up to where two logs are the same")
struct TermHistoryTests {
    private func term(
        _ epoch: UInt32, _ incarnation: UInt64, from first: UInt64, keeps: Bool = true
    ) -> Term {
        Term(
            epoch: epoch, incarnation: incarnation, firstSequence: first, keepsCursors: keeps)
    }

    @Test("A follower that is behind has all that it has in common")
    func behind() throws {
        let history = try TermHistory([term(1, 7, from: 1)])
        #expect(history.commonEnd(endingAt: 90, with: history, endingAt: 200) == 90)
    }

    @Test(
        "What a machine wrote and lost before its restart is not in common, though it is the epoch")
    func lostTail() throws {
        let follower = try TermHistory([term(1, 7, from: 1)])
        let primary = try TermHistory([term(1, 7, from: 1), term(1, 8, from: 91)])
        #expect(follower.commonEnd(endingAt: 100, with: primary, endingAt: 500) == 90)
    }

    @Test("An old primary keeps what was shipped before the other was promoted")
    func deposed() throws {
        let promoted = try TermHistory([term(1, 7, from: 1), term(2, 9, from: 81)])
        let old = try TermHistory([term(1, 7, from: 1), term(1, 8, from: 91)])
        #expect(old.commonEnd(endingAt: 120, with: promoted, endingAt: 300) == 80)
        #expect(promoted.commonEnd(endingAt: 300, with: old, endingAt: 120) == 80)
    }

    @Test("Two that were promoted to one epoch have in common what was before")
    func rivals() throws {
        let first = try TermHistory([term(1, 7, from: 1), term(2, 20, from: 50)])
        let second = try TermHistory([term(1, 7, from: 1), term(2, 21, from: 40)])
        #expect(first.commonEnd(endingAt: 60, with: second, endingAt: 60) == 39)
    }

    @Test("Without a common term, or with one that begins elsewhere, nothing is in common")
    func strangers() throws {
        let one = try TermHistory([term(1, 7, from: 1)])
        let other = try TermHistory([term(1, 8, from: 1)])
        let liar = try TermHistory([term(1, 7, from: 5)])
        #expect(one.commonEnd(endingAt: 9, with: other, endingAt: 9) == nil)
        #expect(one.commonEnd(endingAt: 9, with: liar, endingAt: 9) == nil)
        #expect(one.commonEnd(endingAt: 9, with: TermHistory(), endingAt: 9) == nil)
    }

    @Test("Terms never go back, and none comes twice")
    func order() throws {
        var history = try TermHistory([term(2, 7, from: 50)])
        for wrong in [
            term(1, 8, from: 60), term(2, 8, from: 49), term(2, 7, from: 60),
        ] {
            #expect(throws: StoreError.self) { try history.begin(wrong) }
        }
        try history.begin(term(2, 7, from: 50))
        #expect(history.terms.count == 1)
    }

    @Test("A cut forgets the terms that began behind it, and keeps the one that wrote its end")
    func cut() throws {
        var history = try TermHistory([
            term(1, 7, from: 1), term(1, 8, from: 91), term(2, 9, from: 101),
        ])
        history.cut(after: 101)
        #expect(history.terms.count == 3)
        history.cut(after: 100)
        #expect(history.terms.count == 2)
        history.cut(after: 95)
        #expect(history.current == term(1, 8, from: 91))
        history.cut(after: 0)
        #expect(history.terms == [term(1, 7, from: 1)])
    }

    @Test("Cursors hold back to the last term that does not keep them")
    func cursors() throws {
        let kept = try TermHistory([term(3, 7, from: 1), term(4, 8, from: 9)])
        #expect(kept.cursorEpoch == 3)
        let lost = try TermHistory([
            term(3, 7, from: 1), term(4, 8, from: 9, keeps: false), term(4, 9, from: 9),
        ])
        #expect(lost.cursorEpoch == 4)
    }

    @Test("A term that breaks with one of its own epoch has a number that no epoch is near")
    func ownCursors() throws {
        let first = term(3, 7, from: 1, keeps: false)
        let one = try TermHistory([first, term(3, 0x1_0000_0008, from: 9, keeps: false)])
        let other = try TermHistory([first, term(3, 0x1_0000_0009, from: 9, keeps: false)])
        #expect(one.cursorEpoch == 0x8000_0008)
        #expect(other.cursorEpoch == 0x8000_0009)
        var later = one
        try later.begin(term(3, 10, from: 12))
        try later.begin(term(4, 11, from: 12))
        #expect(later.cursorEpoch == one.cursorEpoch)
        try later.begin(term(5, 12, from: 13, keeps: false))
        #expect(later.cursorEpoch == 5)
    }

    /// What the number came from is forgotten one day; then it is given up for a new one, once, and
    /// never falls back to one that cursors had before.
    @Test("A number lasts as long as the term that it came from, and is never an older one again")
    func forgottenCursors() throws {
        var history = try TermHistory([
            term(1, 7, from: 1, keeps: false), term(1, 8, from: 2, keeps: false),
        ])
        var numbers = [history.cursorEpoch]
        for number in 3...UInt64(3 * TermHistory.capacity) {
            let next = try history.continued(by: term(1, number + 100, from: number))
            try history.begin(next)
            if history.cursorEpoch != numbers.last { numbers.append(history.cursorEpoch) }
        }
        #expect(numbers.first == 0x8000_0008)
        #expect(!numbers.contains(1), "\(numbers)")
        #expect(numbers.count == 4, "\(numbers)")
        // Where nothing was broken nothing is.
        var plain = try TermHistory([term(1, 7, from: 1, keeps: false)])
        for number in 2...UInt64(2 * TermHistory.capacity) {
            try plain.begin(try plain.continued(by: term(1, number + 100, from: number)))
            #expect(plain.cursorEpoch == 1)
        }
    }

    @Test("Old terms are forgotten beyond the capacity, and then nothing is told of them")
    func capacity() throws {
        var history = TermHistory()
        for number in 1...UInt64(TermHistory.capacity + 1) {
            try history.begin(term(1, number, from: number))
        }
        #expect(history.terms.count == TermHistory.capacity)
        let old = try TermHistory([term(1, 1, from: 1)])
        #expect(old.commonEnd(endingAt: 1, with: history, endingAt: 2_000) == nil)
    }
}
