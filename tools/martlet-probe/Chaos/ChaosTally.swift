/// What a run counts and times. Times are in milliseconds.
struct ChaosTally: CustomStringConvertible {
    struct Failover {
        var kind: String
        /// Of `martlet promote`, from the first try to the one that succeeded.
        var command: UInt64
        var tries: Int
        /// From the first try to the first message that is acknowledged afterwards.
        var acknowledged: UInt64
    }

    struct Outage {
        var length: UInt64
        /// The faults that were there, or had been since the last acknowledgement.
        var causes: Set<String>
    }

    /// A gap between acknowledgements that is one, in milliseconds: less is a busy machine.
    static let outageMin: UInt64 = 1_000

    private(set) var faults: [String: Int] = [:]
    private(set) var failovers: [Failover] = []
    private(set) var outages: [Outage] = []
    /// Faults that are there now, and how often.
    private var active: [String: Int] = [:]
    private var causes: Set<String> = []
    var strayTries = 0
    var strayAcknowledged = 0

    mutating func begin(_ fault: String) {
        faults[fault, default: 0] += 1
        active[fault, default: 0] += 1
        causes.insert(fault)
    }

    mutating func end(_ fault: String) {
        active[fault, default: 1] -= 1
        if active[fault] == 0 { active[fault] = nil }
    }

    mutating func add(_ failover: Failover) { failovers.append(failover) }

    /// A message was acknowledged, `gap` milliseconds after the one before.
    mutating func acknowledge(after gap: UInt64) {
        if gap >= Self.outageMin { outages.append(Outage(length: gap, causes: causes)) }
        causes = Set(active.keys)
    }

    /// The lengths of gaps in which a failover fell, or none did.
    private func lengths(isFailover: Bool) -> [UInt64] {
        outages.filter { outage in
            isFailover == outage.causes.contains { $0.hasPrefix("failover") }
        }.map(\.length)
    }

    var description: String {
        var lines = ["faults: " + Self.counts(faults)]
        if !failovers.isEmpty {
            let tries = failovers.reduce(0) { $0 + $1.tries }
            lines.append(
                "failovers: \(failovers.count) by \(tries) commands; command "
                    + Self.spread(failovers.map(\.command)) + "; command to first acknowledgement "
                    + Self.spread(failovers.map(\.acknowledged)))
            for kind in Set(failovers.map(\.kind)).sorted() {
                let some = failovers.filter { $0.kind == kind }
                lines.append(
                    "  \(kind): \(some.count), command " + Self.spread(some.map(\.command))
                        + ", to first acknowledgement " + Self.spread(some.map(\.acknowledged)))
            }
        }
        for (isFailover, name) in [(true, "with a failover"), (false, "without")] {
            let some = lengths(isFailover: isFailover)
            lines.append(
                "unavailability \(name): \(some.count) gaps of \(Self.outageMin / 1_000) s or "
                    + "more between acknowledgements, \(Self.seconds(some.reduce(0, +))) in all"
                    + (some.isEmpty ? "" : ", " + Self.spread(some)))
        }
        for outage in outages.sorted(by: { $0.length > $1.length }).prefix(5) {
            lines.append(
                "  \(Self.seconds(outage.length)): "
                    + (outage.causes.isEmpty
                        ? "no fault" : outage.causes.sorted().joined(separator: ", "))
            )
        }
        if strayTries > 0 {
            lines.append(
                "stray clients of old primaries: \(strayTries) sends, "
                    + "\(strayAcknowledged) acknowledged")
        }
        return lines.joined(separator: "\n")
    }

    static func counts(_ counts: [String: Int]) -> String {
        counts.isEmpty
            ? "none"
            : counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                .joined(separator: ", ")
    }

    static func seconds(_ milliseconds: UInt64) -> String {
        "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst()) s"
    }

    static func spread(_ lengths: [UInt64]) -> String {
        let sorted = lengths.sorted()
        guard let last = sorted.last else { return "none" }
        return "median \(seconds(sorted[(sorted.count - 1) / 2])), max \(seconds(last))"
    }
}
