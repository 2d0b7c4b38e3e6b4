import Foundation

/// Medians by compactor.
enum InterferenceTable {
    private static let table = MedianTable<InterferenceResult>(
        heads: ["compactor"], head: { [$0.compactor.rawValue] },
        measures: [
            Measure(name: "read p50 us") { $0.readLatency?.p50 },
            Measure(name: "read p99") { $0.readLatency?.p99 },
            Measure(name: "p99.9") { $0.readLatency?.p999 },
            Measure(name: "write p50 us") { $0.writeLatency?.p50 },
            Measure(name: "write p99") { $0.writeLatency?.p99 },
            Measure(name: "p99.9") { $0.writeLatency?.p999 },
            Measure(name: "stall s") { $0.stallSeconds },
            Measure(name: "reads/s") { Double($0.reads) / max($0.seconds, 1e-9) },
            Measure(name: "merged s") { $0.mergedSeconds },
        ])

    static func text(_ results: [InterferenceResult]) -> String {
        table.text(results)
            + "medians; writes from the moment at which they were due; stall: seconds of puts "
            + "beyond 10 ms each\n"
    }
}
