/// Answers of the control socket as lines for a person.
enum AdminText {
    /// Columns, as wide as their widest entry.
    static func columns(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { index, text in
                index == row.count - 1
                    ? text : text + String(repeating: " ", count: widths[index] - text.count)
            }.joined(separator: "  ")
        }
    }

    static func users(_ answer: JSONValue) -> [String] {
        var rows = [["user", "name", "created", "state"]]
        for user in answer["users"]?.elements ?? [] {
            rows.append([
                user["user"]?.text ?? "", user["name"]?.text ?? "", time(user["createdAt"]),
                state(user),
            ])
        }
        var lines = columns(rows)
        if answer["more"]?.isTrue == true {
            let last = answer["users"]?.elements.last?["name"]?.text ?? ""
            lines.append("more: --after '\(last)'")
        }
        return lines
    }

    static func user(_ answer: JSONValue) -> [String] {
        columns([
            ["user", answer["user"]?.text ?? ""], ["name", answer["name"]?.text ?? ""],
            ["created", time(answer["createdAt"])], ["state", state(answer)],
        ])
    }

    static func sessions(_ answer: JSONValue) -> [String] {
        var rows = [["session", "device", "last seen", "expires"]]
        for session in answer["sessions"]?.elements ?? [] {
            rows.append([
                session["id"]?.text ?? "", session["label"]?.text ?? "-",
                time(session["lastSeenAt"]), time(session["expiresAt"]),
            ])
        }
        return columns(rows)
    }

    private static func state(_ user: JSONValue) -> String {
        if user["disabled"]?.isTrue == true { return "disabled" }
        return user["password"]?.isTrue == false ? "imported, cannot log in" : "active"
    }

    static func time(_ value: JSONValue?) -> String {
        value?.integer.map { Timestamp.text(of: UInt64(max($0, 0))) } ?? "-"
    }
}
