import Foundation

/// All results of a run, and their table.
struct Report: Codable {
    var machine: Machine
    var rocksdb: RocksDBLibrary
    var options: [String: [String]]
    var sizes: Sizes
    var results: [StepResult]
    /// Steps where the engines did not give the same rows; empty in a valid run.
    var disagreements: [String] = []

    private static let measures: [Measure<StepResult>] = [
        Measure(name: "ops/s", moreIsBetter: true) { $0.rate },
        Measure(name: "p50 us") { $0.latency?.p50 },
        Measure(name: "p99 us") { $0.latency?.p99 },
        Measure(name: "p99.9 us") { $0.latency?.p999 },
        Measure(name: "max us") { $0.latency?.max },
        Measure(name: "CPU us/op") { $0.cpuPerOperation },
        Measure(name: "WA") { $0.writeAmplification },
        Measure(name: "disk MB") { Double($0.diskBytes) / 1e6 },
        Measure(name: "RSS MiB") { Double($0.peakBytes) / 1_048_576 },
    ]

    /// Compares what the engines read. Time-bounded steps do different work and are left out.
    mutating func findDisagreements() {
        for step in steps where !step.synced {
            let here = results.filter { $0.step == step }
            for repetition in Set(here.map(\.repetition)).sorted() {
                let same = here.filter { $0.repetition == repetition }
                if let first = same.first, same.contains(where: { $0.digest != first.digest }) {
                    disagreements.append("\(step.name), repetition \(repetition + 1)")
                }
            }
        }
    }

    /// The table: per step a line per engine (medians, the rate's range) and one of ratios.
    var table: String {
        let names = Self.measures.map(\.name)
        var rows = [["workload", "engine"] + names + ["range ops/s", "other CPU"]]
        for step in steps {
            var medians: [EngineName: [Double?]] = [:]
            for engine in EngineName.allCases {
                let own = results.filter { $0.step == step && $0.engine == engine }
                guard !own.isEmpty else { continue }
                let values = Self.measures.map { $0.median(own) }
                medians[engine] = values
                let rates = own.map(\.rate)
                let range = [rates.min(), rates.max()].map(TextTable.short).joined(separator: "-")
                let other = own.map(\.otherCPU).max()
                rows.append(
                    [step.name, engine.rawValue] + values.map(TextTable.short)
                        + ["\(range) n=\(own.count)", String(format: "%.2f", other ?? 0)])
            }
            if let martlet = medians[.martlet], let rocksdb = medians[.rocksdb] {
                rows.append(["", "ratio"] + Self.ratios(martlet, rocksdb) + ["", ""])
            }
        }
        return TextTable.align(rows, left: 2)
            + "\nratio: martlet against rocksdb, turned so that > 1 means martlet is better in "
            + "every column\n(rates: martlet / rocksdb; times, bytes, memory: rocksdb / martlet). "
            + "Medians of n runs.\n"
    }

    private var steps: [Step] {
        var seen: Set<Step> = []
        return results.map(\.step).filter { seen.insert($0).inserted }
    }

    private static func ratios(_ martlet: [Double?], _ rocksdb: [Double?]) -> [String] {
        measures.indices.map { index in
            guard let ours = martlet[index], let theirs = rocksdb[index], ours > 0, theirs > 0
            else {
                return "-"
            }
            return String(
                format: "%.2fx", measures[index].moreIsBetter ? ours / theirs : theirs / ours)
        }
    }
}
