import MartletReplication
import MartletServer

/// How replication stands, as lines for a person and as metrics.
enum ReplicationText {
    static func lines(_ answer: JSONValue) -> [String] {
        let number = { (value: JSONValue, name: String) in "\(value[name]?.integer ?? 0)" }
        if answer["role"]?.text == "follower" {
            return AdminText.columns([
                ["state", answer["state"]?.text ?? "?"], ["term", answer["term"]?.text ?? "?"],
                ["promise", answer["promise"]?.text ?? "?"],
                ["durable", number(answer, "durable")],
                ["behind", "\(number(answer, "lagRecords")) records"],
                ["seeds", number(answer, "seeds")],
            ])
        }
        let deposed = answer["deposed"]?.isTrue == true ? ", deposed" : ""
        var lines = [
            "term \(answer["term"]?.text ?? "?"), sequence \(number(answer, "sequence"))\(deposed)"
        ]
        var rows = [["follower", "state", "durable", "behind", "bytes", "seconds", "seeds"]]
        for follower in answer["followers"]?.elements ?? [] {
            let milliseconds = follower["lagMilliseconds"]?.integer ?? 0
            rows.append([
                follower["name"]?.text ?? "?", follower["state"]?.text ?? "?",
                number(follower, "durable"), number(follower, "lagRecords"),
                number(follower, "lagBytes"), "\(Double(milliseconds / 100) / 10)",
                number(follower, "seeds"),
            ])
        }
        lines += rows.count == 1 ? ["no follower has been here"] : AdminText.columns(rows)
        return lines
    }

    /// The same object that a control socket refuses with.
    static func fault(_ code: String, _ message: String) -> String {
        #"{"error":{"code":\#(JSONText.quoted(code)),"message":\#(JSONText.quoted(message))}}"#
    }

    /// 0 where all is well, 1 where something lags, is stuck or missing.
    static func status(_ answer: JSONValue, lagMax: Int) -> Int32 {
        let isWell = { (value: JSONValue) in
            ["streaming", "catching-up"].contains(value["state"]?.text ?? "")
                && (value["lagMilliseconds"]?.integer ?? 0) <= Int64(lagMax) * 1_000
        }
        if answer["role"]?.text == "follower" { return isWell(answer) ? 0 : 1 }
        let followers = answer["followers"]?.elements ?? []
        let isDeposed = answer["deposed"]?.isTrue == true
        return isDeposed || followers.isEmpty || !followers.allSatisfy(isWell) ? 1 : 0
    }

    /// What a shipper tells collectors.
    static func metrics(_ primary: PrimaryState, _ followers: [FollowerStatus]) -> String {
        var text = MetricText()
        text.number(
            "martlet_replication_primary_sequence", "The last sequence in the primary's log.",
            .gauge, primary.lastSequence)
        text.add(followers)
        text.add(
            followers.byName, ("seeds", "Seeds given since the shipper began.", { "\($0.seeds)" }))
        text.add(
            followers.byName,
            (
                "streaming", "1 while the follower gets the log.",
                { ["streaming", "catching-up"].contains($0.state) ? "1" : "0" }
            ))
        return text.text
    }

    /// A follower's own.
    static func metrics(_ status: FollowerService.Status, isServing: Bool) -> String {
        let durable = status.follower.lastSequence
        let last = status.primary?.lastSequence ?? 0
        let isFollowing = ["streaming", "catching-up"].contains(status.state)
        let gauges: [(String, String, UInt64)] = [
            ("position", "The last sequence in the follower's store.", durable),
            ("behind", "Sequences that its primary has beyond.", max(last, durable) - durable),
            ("following", "1 while it gets the log.", isFollowing ? 1 : 0),
            ("serving", "1 while its chat can be read.", isServing ? 1 : 0),
        ]
        return gauges.map { name, help, value in
            """
            # HELP martlet_follower_\(name) \(help)
            # TYPE martlet_follower_\(name) gauge
            martlet_follower_\(name) \(value)

            """
        }.joined()
    }
}
