import MartletChat
import MartletStore

/// What `martlet verify` prints.
struct VerifyText {
    let report: StoreVerifier.Report
    let chat: ChatVerifier.Report?
    let data: String

    private var storeCounts: [(String, UInt64)] {
        [
            ("tables", report.tables), ("families", report.families),
            ("manifest edits", report.edits), ("table files", report.files),
            ("data blocks", report.blocks), ("cells", report.cells),
            ("tombstones", report.tombstones), ("log segments", report.logSegments),
            ("log records", report.records), ("log mutations", report.mutations),
            ("torn bytes", report.tornBytes), ("bytes", report.bytes),
        ]
    }

    private var chatCounts: [(String, UInt64)] {
        guard let chat else { return [] }
        return [
            ("users", chat.users), ("conversations", chat.conversations),
            ("messages", chat.messages), ("message copies", chat.messageCopies),
            ("groups", chat.groups), ("members", chat.members),
            ("group messages", chat.groupMessages), ("notices", chat.notices),
            ("inbox events", chat.inboxEvents), ("sends", chat.sends),
        ]
    }

    var isSound: Bool { errorCount == 0 }

    private var errorCount: UInt64 { UInt64(report.errorCount) + (chat?.errorCount ?? 0) }

    /// Counts, then what was found, then the verdict.
    var lines: [String] {
        var lines = (storeCounts + chatCounts).map { name, count in
            name + String(repeating: " ", count: 16 - name.count) + String(count)
        }
        lines += report.warnings.map { "warning: \($0)" }
        lines += report.errors.map { "error: \($0)" }
        lines += (chat?.errors ?? []).map { "error: \($0)" }
        if errorCount > 0 {
            let notRead = report.isSound ? "" : "; the chat was not looked at"
            lines.append("\(data): \(errorCount) \(errorCount == 1 ? "error" : "errors")\(notRead)")
        } else {
            lines.append("\(data): sound" + (chat == nil ? " (a store without a chat)" : ""))
        }
        return lines
    }

    /// The same as one JSON object.
    var json: String {
        let counts = (storeCounts + chatCounts).map { name, count in
            "\(quoted(String(name.map { $0 == " " ? "_" : $0 }))):\(count)"
        }
        let errors =
            report.errors.map(object)
            + (chat?.errors ?? []).map { error in
                "{\"path\":\(quoted(error.table)),\"offset\":null,"
                    + "\"message\":\(quoted(error.description))}"
            }
        return "{\"sound\":\(errorCount == 0),\"error_count\":\(errorCount),"
            + counts.joined(separator: ",") + ",\"errors\":[" + errors.joined(separator: ",")
            + "],\"warnings\":[" + report.warnings.map(object).joined(separator: ",") + "]}"
    }

    private func object(_ finding: StoreVerifier.Finding) -> String {
        let offset = finding.offset.map { String($0) } ?? "null"
        return "{\"path\":\(quoted(finding.path)),\"offset\":\(offset),"
            + "\"message\":\(quoted(finding.message))}"
    }

    private func quoted(_ text: String) -> String { JSONText.quoted(text) }
}
