import MartletSimulation
import MartletStore
import Testing

@Suite("Garbage collection")
struct CollectionResolverTests {
    /// The cells and range tombstones that stay of a compaction's inputs.
    private func collect(
        _ cells: [OwnedCell], _ tombstones: [RangeTombstone], isBottommost: Bool,
        snapshots: [UInt64], now: UInt64, _ history: ResolverHistory
    ) -> ([OwnedCell], [RangeTombstone]) {
        var resolver = CollectionResolver(
            snapshots: snapshots, now: now, maxVersions: history.maxVersions,
            timeToLive: history.timeToLive,
            hasVersionDeletes: cells.contains {
                UInt8(truncatingIfNeeded: $0.trailer) == CellKind.deleteVersion.rawValue
            })
        var kept: [OwnedCell] = []
        var row: [UInt8]?
        for cell in cells.sorted() {
            if cell.row != row {
                row = cell.row
                resolver.beginRow(
                    isBottommost: isBottommost,
                    tombstones: ResolverHistory.covering(cell.row, tombstones))
            }
            switch cell.withReference({ resolver.consume($0) }) {
            case .drop: break
            case .keep: kept.append(cell)
            case .keepZeroed:
                var zeroed = cell
                zeroed.trailer &= 0xFF
                kept.append(zeroed)
            }
        }
        let left = tombstones.filter {
            !(isBottommost && resolver.dropsTombstone(sequence: $0.sequence))
        }
        return (kept, left)
    }

    private func subset(
        _ snapshots: ClosedRange<UInt64>, _ random: inout SeededGenerator
    ) -> [UInt64] {
        let count = Int.random(in: 0...3, using: &random)
        return Set((0..<count).map { _ in UInt64.random(in: snapshots, using: &random) }).sorted()
    }

    @Test("of any run of files changes no live read, once and again")
    func reads() {
        for seed in UInt64(0)..<10_000 {
            var random = SeededGenerator(seed: seed)
            let history = ResolverHistory(&random)
            var snapshots = subset(1...history.last, &random)
            let now = UInt64.random(in: 0...9, using: &random)
            var cells = history.cells
            var tombstones = history.tombstones
            var first: UInt64 = 0
            for round in 0..<3 {
                // A compaction takes the sequences from ... to; below and above lie other files.
                var from = round == 0 ? UInt64.random(in: 0...history.last, using: &random) : first
                var to = UInt64.random(in: from...history.last, using: &random)
                if round > 0 { from = UInt64.random(in: 0...from, using: &random) }
                if Bool.random(using: &random) { from = 0 }
                if history.ownTimeToLive { (from, to) = (0, history.last) }
                first = from
                let isInput: (UInt64) -> Bool = { ($0 == 0 ? 1 : $0) >= from && $0 <= to }
                let bottommost = from <= 1
                let (kept, left) = collect(
                    cells.filter { isInput($0.sequence) },
                    tombstones.filter { isInput($0.sequence) }, isBottommost: bottommost,
                    snapshots: snapshots, now: now, history)
                cells = cells.filter { !isInput($0.sequence) } + kept
                tombstones = tombstones.filter { !isInput($0.sequence) } + left
                guard check(history, cells, tombstones, snapshots, now, "seed \(seed) \(round)")
                else { return }
                if Bool.random(using: &random), !snapshots.isEmpty { snapshots.removeFirst() }
            }
        }
    }

    private func check(
        _ history: ResolverHistory, _ cells: [OwnedCell], _ tombstones: [RangeTombstone],
        _ snapshots: [UInt64], _ now: UInt64, _ what: String
    ) -> Bool {
        for snapshot in snapshots + [history.last] {
            for later in [now, now + 2] {
                let resolver = VisibilityResolver(
                    snapshot: snapshot, now: later, maxVersions: history.maxVersions,
                    timeToLive: history.timeToLive, versions: .max)
                let shown = ResolverHistory.read(cells, tombstones, resolver)
                let expected = history.model.read(snapshot: snapshot, now: later)
                #expect(shown == expected, "\(what) snapshot \(snapshot)")
                if shown != expected { return false }
            }
        }
        return true
    }

    @Test("to the bottom, without snapshots, leaves only what is shown, with sequence zero")
    func bottom() {
        for seed in UInt64(0)..<2000 {
            var random = SeededGenerator(seed: seed)
            let history = ResolverHistory(&random)
            let now = UInt64.random(in: 0...9, using: &random)
            let (kept, left) = collect(
                history.cells, history.tombstones, isBottommost: true, snapshots: [], now: now,
                history)
            let shown = history.model.read(snapshot: .max, now: now)
            #expect(kept.map(\.value) == shown.map(\.value), "seed \(seed)")
            #expect(kept.allSatisfy { $0.sequence == 0 }, "seed \(seed)")
            #expect(left.isEmpty)
        }
    }
}
