/// What waits to be stored or sent, as lines for a person.
enum OutboxText {
    static func failed(_ answer: JSONValue) -> [String] {
        var rows = [["number", "failed", "user", "conversation", "bytes", "state", "reason"]]
        let requests = answer["failed"]?.elements ?? []
        for request in requests {
            rows.append([
                number(request["id"]), AdminText.time(request["failedAt"]),
                request["user"]?.text ?? "", request["conversation"]?.text ?? "",
                number(request["textBytes"]), request["state"]?.text ?? "",
                request["reason"]?.text ?? "",
            ])
        }
        var lines = AdminText.columns(rows)
        if answer["more"]?.isTrue == true {
            lines.append("more: --after \(number(requests.last?["id"]))")
        }
        lines.append("journal: \(number(answer["bytes"])) of \(number(answer["capacity"])) bytes")
        if let failure = answer["failure"]?.text { lines.append("journal: \(failure)") }
        return lines
    }

    /// - Parameter name: which list the answer has.
    static func pushes(_ answer: JSONValue, _ name: String) -> [String] {
        let isPending = name == "pending"
        var rows = [["push", "service", "attempts", isPending ? "due" : "expires", "reason"]]
        let pushes = answer[name]?.elements ?? []
        for push in pushes {
            rows.append([
                push["id"]?.text ?? "", push["service"]?.text ?? "", number(push["attempts"]),
                AdminText.time(push[isPending ? "dueAt" : "expiresAt"]),
                push["reason"]?.text ?? "",
            ])
        }
        var lines = AdminText.columns(rows)
        if answer["more"]?.isTrue == true {
            lines.append(
                isPending ? "and more" : "more: --after \(pushes.last?["id"]?.text ?? "")")
        }
        return lines
    }

    private static func number(_ value: JSONValue?) -> String { "\(value?.integer ?? 0)" }
}
