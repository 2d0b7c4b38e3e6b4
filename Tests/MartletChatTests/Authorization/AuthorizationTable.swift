@testable import MartletChat

/// A table of who may do what, as text: a heading of columns, and a row of words for each verb. New
/// standings are new columns, new verbs new rows.
struct AuthorizationTable: Sendable {
    struct Row: Sendable, CustomStringConvertible {
        /// The method of the service, and what it is called with.
        var verb: String
        var cells: [String: String]

        var description: String { verb }
        /// The method of the service.
        var method: String { String(verb.prefix { $0 != " " }) }
    }

    var columns: [String]
    var rows: [Row]

    init(_ text: String) {
        let lines = text.split(separator: "\n").map { line in
            line.split(separator: ":", maxSplits: 1).map {
                $0.split(separator: " ").map(String.init)
            }
        }
        let columns = lines.first?.last ?? []
        self.columns = columns
        rows = lines.dropFirst().map { line in
            Row(
                verb: line.first?.joined(separator: " ") ?? "",
                cells: Dictionary(zip(columns, line.last ?? []), uniquingKeysWith: { $1 }))
        }
    }

    /// What may stand in a cell: it is answered and something is stored, it is answered and nothing
    /// is stored, or it is refused with this status and nothing is stored.
    static let words: Set<String> = ["done", "same", "400", "403", "404", "409"]

    static func word(_ code: ChatError.Code?, isSame: Bool) -> String {
        if let code { return code == .tooLate ? "late" : "\(code.status)" }
        return isSame ? "same" : "done"
    }

    /// The cells that are missing, or say something else.
    func holes(_ standings: [String], _ verbs: [String]) -> [String] {
        var holes = Set(verbs).subtracting(rows.map(\.verb)).map { "no row for \($0)" }
        holes += Set(standings).symmetricDifference(columns).map { "column \($0)" }
        for row in rows {
            for column in standings where !Self.words.contains(row.cells[column] ?? "") {
                holes.append("\(row.verb), \(column): '\(row.cells[column] ?? "")'")
            }
        }
        return holes.sorted()
    }
}
