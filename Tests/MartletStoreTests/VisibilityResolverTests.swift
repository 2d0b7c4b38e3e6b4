import MartletSimulation
import MartletStore
import Testing

@Suite("What a read shows")
struct VisibilityResolverTests {
    @Test("equals the model, whatever the history")
    func model() {
        for seed in UInt64(0)..<10_000 {
            var random = SeededGenerator(seed: seed)
            let history = ResolverHistory(&random)
            let snapshot = UInt64.random(in: 0...history.last, using: &random)
            let now = UInt64.random(in: 0...12, using: &random)
            let versions = [1, 2, Int.max].randomElement(using: &random) ?? 1
            let low = UInt64.random(in: 0...5, using: &random)
            let high = UInt64.random(in: low...7, using: &random)
            let range = Bool.random(using: &random) ? low..<high : nil
            let resolver = VisibilityResolver(
                snapshot: snapshot, now: now, maxVersions: history.maxVersions,
                timeToLive: history.timeToLive, versions: versions, timeRange: range)
            let shown = ResolverHistory.read(history.cells, history.tombstones, resolver)
            let expected = history.model.read(
                snapshot: snapshot, now: now, versions: versions, timeRange: range)
            #expect(shown == expected, "seed \(seed)")
            if shown != expected { return }
        }
    }

    @Test("a put after a delete is visible at once, even below its timestamp")
    func putAfterDelete() {
        let cells = [
            OwnedCell(row: [1], qualifier: [1], timestamp: 9, trailer: 2 << 8 | 3),
            OwnedCell(row: [1], qualifier: [1], timestamp: 5, trailer: 3 << 8 | 1, value: [3]),
            OwnedCell(row: [1], qualifier: [1], timestamp: 4, trailer: 1 << 8 | 1, value: [1]),
        ]
        let shown = ResolverHistory.read(
            cells, [],
            VisibilityResolver(
                snapshot: 9, now: 0, maxVersions: nil, timeToLive: nil, versions: .max))
        #expect(shown.map(\.value) == [[3]])
    }

    @Test("columns with long names that share their beginnings are told apart")
    func longQualifiers() {
        let cells = (0..<4).map { number in
            let name = Array(repeating: UInt8(5), count: number < 2 ? 100 : 12)
            return OwnedCell(
                row: [1], qualifier: name + [UInt8(number)], timestamp: 1,
                trailer: UInt64(number + 1) << 8 | 1, value: [UInt8(number)])
        }
        let shown = ResolverHistory.read(
            cells, [],
            VisibilityResolver(snapshot: 9, now: 0, maxVersions: 1, timeToLive: nil))
        #expect(shown.count == 4)
    }
}
