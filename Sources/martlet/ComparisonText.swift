import MartletStore

/// What `martlet verify --against` prints.
struct ComparisonText {
    let report: StoreComparison.Report
    private let data: String
    private let other: String

    init(_ report: StoreComparison.Report, _ data: String, _ other: String) {
        self.report = report
        self.data = data
        self.other = other
    }

    /// Counts, then what differs, then the verdict.
    var lines: [String] {
        var lines = [
            "sequence        \(report.sequence)", "here up to      \(report.ends.0)",
            "there up to     \(report.ends.1)", "ranges          \(report.ranges)",
            "cells           \(report.cells)",
        ]
        if report.commonEnd ?? 0 < report.sequence {
            lines.append(
                report.commonEnd.map { "error: the logs part behind sequence \($0)" }
                    ?? "error: the logs have no term in common")
        }
        if let difference = report.difference {
            lines.append("error: here  \(Self.text(difference.0))")
            lines.append("error: there \(Self.text(difference.1))")
        }
        if let cell = report.cell {
            lines.append(
                "error: first in row \(Self.hex(cell.row)), qualifier \(Self.hex(cell.qualifier)), "
                    + "timestamp \(cell.timestamp): here \(Self.text(cell.ours)), "
                    + "there \(Self.text(cell.theirs))")
        }
        let verdict = report.isSame ? "the same as" : "not the same as"
        lines.append("\(data): \(verdict) \(other) at sequence \(report.sequence)")
        return lines
    }

    /// The same as one JSON object.
    var json: String {
        var members = [
            "\"same\":\(report.isSame)", "\"sequence\":\(report.sequence)",
            "\"end\":\(report.ends.0)", "\"other_end\":\(report.ends.1)",
            "\"common_end\":\(report.commonEnd.map(String.init) ?? "null")",
            "\"ranges\":\(report.ranges)", "\"cells\":\(report.cells)",
        ]
        if let difference = report.difference {
            let (ours, theirs) = (Self.object(difference.0), Self.object(difference.1))
            members.append("\"difference\":{\"here\":\(ours),\"there\":\(theirs)}")
        }
        if let cell = report.cell {
            members.append(
                "\"cell\":{\"row\":\"\(Self.hex(cell.row))\","
                    + "\"qualifier\":\"\(Self.hex(cell.qualifier))\","
                    + "\"timestamp\":\(cell.timestamp),\"here\":\(Self.object(cell.ours)),"
                    + "\"there\":\(Self.object(cell.theirs))}")
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// A digest was written.
    static func digest(_ file: DigestFile, _ data: String, _ path: String, json: Bool) -> String {
        let cells = file.digest.ranges.reduce(0) { $0 + $1.cells }
        let ranges = file.digest.ranges.count
        let sequence = file.digest.sequence
        if json {
            return "{\"file\":\(JSONText.quoted(path)),\"sequence\":\(sequence),"
                + "\"ranges\":\(ranges),\"cells\":\(cells)}"
        }
        return "\(path): \(data) at sequence \(sequence), \(ranges) ranges, \(cells) cells"
    }

    /// No comparison.
    static func failed(_ error: StoreError) -> String {
        "{\"same\":null,\"code\":\"\(error.code)\",\"message\":\(JSONText.quoted("\(error)"))}"
    }

    private static func text(_ range: StoreDigest.Range?) -> String {
        guard let range else { return "nothing more" }
        return "\(range.table)/\(range.family) rows \(hex(range.firstRow)) to "
            + "\(hex(range.lastRow)): \(range.cells) cells, \(range.value)"
    }

    private static func text(_ content: CellDifference.Content?) -> String {
        content.map { "\($0.value.count) bytes" } ?? "nothing"
    }

    private static func object(_ range: StoreDigest.Range?) -> String {
        guard let range else { return "null" }
        return "{\"table\":\(JSONText.quoted(range.table)),"
            + "\"family\":\(JSONText.quoted(range.family)),"
            + "\"first_row\":\"\(hex(range.firstRow))\",\"last_row\":\"\(hex(range.lastRow))\","
            + "\"cells\":\(range.cells),\"digest\":\"\(range.value)\"}"
    }

    /// A value's content is not told: it may be a message.
    private static func object(_ content: CellDifference.Content?) -> String {
        content.map { "{\"bytes\":\($0.value.count),\"time_to_live\":\($0.timeToLive)}" } ?? "null"
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { (byte) -> String in
            let digits = String(byte, radix: 16)
            return digits.count == 2 ? digits : "0" + digits
        }.joined()
    }
}
