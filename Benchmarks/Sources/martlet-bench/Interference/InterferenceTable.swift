import Foundation

/// Medians by compactor.
enum InterferenceTable {
    private struct Column: Sendable {
        var name: String
        var value: @Sendable (InterferenceResult) -> Double?
    }

    private static let columns = [
        Column(name: "read p50 us") { $0.readLatency?.p50 },
        Column(name: "read p99") { $0.readLatency?.p99 },
        Column(name: "p99.9") { $0.readLatency?.p999 },
        Column(name: "write p50 us") { $0.writeLatency?.p50 },
        Column(name: "write p99") { $0.writeLatency?.p99 },
        Column(name: "p99.9") { $0.writeLatency?.p999 },
        Column(name: "stall s") { $0.stallSeconds },
        Column(name: "reads") { Double($0.reads) },
        Column(name: "settled s") { $0.settledSeconds },
    ]

    static func text(_ results: [InterferenceResult]) -> String {
        var lines = ["compactor, " + columns.map(\.name).joined(separator: ", ")]
        for compactor in Compactor.allCases {
            let own = results.filter { $0.compactor == compactor }
            guard !own.isEmpty else { continue }
            let values = columns.map { column in
                let sorted = own.compactMap(column.value).sorted()
                return sorted.isEmpty ? "-" : String(format: "%.2f", sorted[sorted.count / 2])
            }
            lines.append("\(compactor.rawValue), " + values.joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
            + "\nmedians; writes from the moment at which they were due; stall: seconds of puts "
            + "beyond 10 ms each\n"
    }
}
