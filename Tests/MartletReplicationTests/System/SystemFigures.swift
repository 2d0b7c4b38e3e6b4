/// What many seeds came to.
struct SystemFigures {
    private(set) var counts: [String: Int] = [:]
    private var seeds = 0
    private var violations = 0

    mutating func add(_ world: SystemWorld) {
        seeds += 1
        violations += world.checker.findings.count
        for (name, number) in world.counts { counts[name, default: 0] += number }
        for (name, number) in world.checker.counts { counts[name, default: 0] += number }
        let tables = world.machines.flatMap(\.daemons).reduce(0) { $0 + $1.tables }
        counts["tables by daemons", default: 0] += tables
        counts["records", default: 0] += world.checker.recordCount
        counts["promised", default: 0] += world.checker.acknowledgedCount
    }

    var line: String {
        let all = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "figures system: seeds \(seeds), system: violations \(violations), "
            + all.map { "system: \($0)" }.joined(separator: ", ")
    }
}
