import Foundation

/// One measure: how it is taken from a result, and whether more of it is better.
struct Measure<Outcome: Sendable>: Sendable {
    var name: String
    var moreIsBetter = false
    var value: @Sendable (Outcome) -> Double?

    /// The median over the results that have it.
    func median(_ results: [Outcome]) -> Double? {
        let sorted = results.compactMap(value).sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

/// Medians by what was measured, in the order of the results.
struct MedianTable<Outcome: Sendable>: Sendable {
    /// The names of what tells results of one case from those of another.
    var heads: [String]
    /// Those of a result.
    var head: @Sendable (Outcome) -> [String]
    var measures: [Measure<Outcome>]

    func text(_ results: [Outcome]) -> String {
        var rows = [heads + measures.map(\.name)]
        var done: Set<[String]> = []
        for own in results.map(head) where done.insert(own).inserted {
            let same = results.filter { head($0) == own }
            rows.append(own + measures.map { TextTable.short($0.median(same)) })
        }
        return TextTable.align(rows, left: heads.count)
    }
}

/// Figures in columns.
enum TextTable {
    /// A figure with three digits or so; `-` for none.
    static func short(_ value: Double?) -> String {
        guard let value else { return "-" }
        if value >= 10_000_000 { return String(format: "%.1fM", value / 1e6) }
        if value >= 1_000_000 { return String(format: "%.2fM", value / 1e6) }
        if value >= 10_000 { return String(format: "%.0fk", value / 1e3) }
        if value >= 1000 { return String(format: "%.1fk", value / 1e3) }
        return String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
    }

    /// Rows of as many cells as the first one. What is in the first `left` columns, and in those
    /// whose first cell is empty, begins at the left.
    static func align(_ rows: [[String]], left: Int) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { index in
                let space = String(repeating: " ", count: widths[index] - row[index].count)
                return index < left || rows[0][index].isEmpty
                    ? row[index] + space : space + row[index]
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n") + "\n"
    }
}
