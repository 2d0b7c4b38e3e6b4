import MartletStore

/// A cell as a line.
enum CellText {
    /// - Parameter family: the family's name, for a mutation in the log.
    static func show(
        _ cell: CellReference, _ layout: RowLayout, _ out: Output, limit: Int,
        family: String? = nil
    ) {
        let start = family.map { "    \($0)  " } ?? ""
        let kind = CellKind(rawValue: cell.kindByte).map { "\($0)" } ?? "kind \(cell.kindByte)"
        let lifetime = cell.timeToLive == 0 ? "" : "  ttl \(cell.timeToLive)"
        let value = kind == "put" ? "  = \(Format.escaped(cell.value, limit: limit))" : ""
        out.text(
            "\(start)\(layout.text(cell.row))  \(qualifier(cell))@\(time(cell.timestamp))"
                + "  sequence \(cell.sequence)  \(kind)\(lifetime)\(value)")
        out.object(
            family == nil ? "cell" : "mutation",
            (family.map { [("family", .string($0))] } ?? []) + layout.members(cell.row) + [
                ("qualifier", .string(Format.escaped(cell.qualifier))),
                ("timestamp", .number(cell.timestamp)), ("sequence", .number(cell.sequence)),
                ("type", .string(kind)), ("time_to_live", .number(cell.timeToLive)),
                ("value_bytes", .count(cell.value.count)),
                ("value", .string(Format.escaped(cell.value, limit: limit))),
            ])
    }

    private static func qualifier(_ cell: CellReference) -> String {
        cell.qualifier.isEmpty ? "" : "\(Format.escaped(cell.qualifier)) "
    }

    private static func time(_ timestamp: UInt64) -> String {
        timestamp == .max ? "all times" : Format.time(timestamp)
    }
}
