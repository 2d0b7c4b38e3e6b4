import Testing

@testable import MartletChat

/// When a ledger's next group begins.
struct CommitPaceTests {
    private static let microsecond: UInt64 = 1_000

    private func pace() -> CommitPace { CommitPace(interval: 800, busyInterval: 2_000) }

    @Test func afterAPauseNobodyWaits() {
        var pace = pace()
        pace.begin(at: 10_000 * Self.microsecond)
        pace.stored(1)
        #expect(pace.wait(at: 10_900 * Self.microsecond) == 0)
    }

    @Test func aGroupBeginsAnIntervalBehindTheLastOne() {
        var pace = pace()
        pace.begin(at: 10_000 * Self.microsecond)
        pace.stored(1)
        #expect(pace.wait(at: 10_300 * Self.microsecond) == 500 * Self.microsecond)
    }

    @Test func whereManyComeTheIntervalIsLonger() {
        var pace = pace()
        pace.begin(at: 10_000 * Self.microsecond)
        pace.begin(at: 10_800 * Self.microsecond)
        pace.stored(7)
        #expect(pace.wait(at: 10_900 * Self.microsecond) == 1_900 * Self.microsecond)
        // As many in the longer time are fewer.
        pace.begin(at: 12_800 * Self.microsecond)
        pace.stored(7)
        #expect(pace.wait(at: 12_900 * Self.microsecond) == 700 * Self.microsecond)
    }

    @Test func withoutAnIntervalNobodyWaitsEvenWhereTheClockStandsStill() {
        var pace = CommitPace(interval: 0, busyInterval: 2_000)
        pace.begin(at: 10_000)
        pace.begin(at: 10_000)
        pace.stored(50)
        #expect(pace.wait(at: 10_000) == 0)
    }

    @Test func aLargeGroupAfterAPauseMakesNobodyWaitLonger() {
        var pace = pace()
        pace.begin(at: 10_000 * Self.microsecond)
        pace.begin(at: 20_000 * Self.microsecond)
        pace.stored(50)
        #expect(pace.wait(at: 20_900 * Self.microsecond) == 0)
    }
}
