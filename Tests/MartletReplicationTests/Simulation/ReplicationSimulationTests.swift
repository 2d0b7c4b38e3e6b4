import Glibc
import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

@Suite("Replication under faults") struct ReplicationSimulationTests {
    @Test("nothing acknowledged is lost, logs agree, and all come together in the end")
    func seeds() throws {
        if let seed = Self.number("SEED") {
            var run = try ReplicationRun(seed: seed, traces: true)
            let findings = try run.run()
            for line in run.world.trace ?? [] { Self.say(line) }
            #expect(findings.isEmpty, "\(findings)")
            return
        }
        #if DEBUG
            let count = Self.number("SEEDS") ?? 200
        #else
            let count = Self.number("SEEDS") ?? 2_000
        #endif
        let first = Self.number("FIRST") ?? 1
        var counts = ["seeds": Int(count), "violations": 0]
        for seed in first..<first + count {
            var run = try ReplicationRun(seed: seed)
            let findings = try run.run()
            counts["violations", default: 0] += findings.count
            for finding in findings {
                Issue.record(
                    """
                    \(finding)
                    SEED=\(seed) tools/test --filter ReplicationSimulationTests
                    """)
            }
            for (name, number) in run.world.counts {
                let kind = String(name.prefix { $0 != " " })
                counts[kind, default: 0] += number
            }
            counts["acknowledged", default: 0] += run.world.checker.acknowledged.count
        }
        // That the rare paths were walked at all.
        for name in ["truncate", "installSeed", "promotion", "deposed", "crash", "shipper"] {
            #expect((counts[name] ?? 0) > 0, "\(name) never happened")
        }
        let figures = counts.sorted { $0.key < $1.key }.map { "model: \($0) \($1)" }
        Self.say("figures " + figures.joined(separator: ", "))
    }

    @Test("a run is decided by its seed")
    func determinism() throws {
        for seed: UInt64 in 1...5 {
            var runs = [
                try ReplicationRun(seed: seed, traces: true),
                try ReplicationRun(seed: seed, traces: true),
            ]
            for index in runs.indices { _ = try runs[index].run() }
            #expect(runs[0].world.trace == runs[1].world.trace)
        }
    }

    private static func say(_ line: String) { print(line) }

    private static func number(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}
