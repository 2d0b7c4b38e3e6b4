import Glibc
import MartletSimulation
import Testing

@testable import MartletReplication
@testable import MartletStore

/// `SEED=n tools/test --filter SystemSimulationTests` replays one seed and prints what happens;
/// `SEEDS=n` runs the first n, `FIRST=m` begins at m.
@Suite("Primary, shipper, followers and daemons on real stores") struct SystemSimulationTests {
    @Test("nothing acknowledged is lost, logs agree, and all come together in the end")
    func seeds() throws {
        if let seed = Self.number("SEED") {
            let run = try SystemRun(seed: seed, traces: true)
            let findings = try run.run()
            for line in run.world.trace ?? [] { Self.say(line) }
            #expect(findings.isEmpty, "\(findings)")
            return
        }
        #if DEBUG
            let count = Self.number("SEEDS") ?? 20
        #else
            let count = Self.number("SEEDS") ?? 200
        #endif
        let first = Self.number("FIRST") ?? 1
        var figures = SystemFigures()
        for seed in first..<first + count {
            let run = try SystemRun(seed: seed)
            let findings = try run.run()
            for finding in findings { Self.report(finding, seed) }
            figures.add(run.world)
        }
        // That the rare paths were walked at all.
        for name in ["truncate", "installSeed", "promotion", "deposed", "crash", "kill"]
        where count >= 100 {
            #expect((figures.counts[name] ?? 0) > 0, "\(name) never happened")
        }
        Self.say(figures.line)
    }

    @Test("a run is decided by its seed")
    func determinism() throws {
        for seed: UInt64 in 1...4 {
            let runs = [
                try SystemRun(seed: seed, traces: true), try SystemRun(seed: seed, traces: true),
            ]
            for run in runs { _ = try run.run() }
            let (one, two) = (runs[0].world.trace ?? [], runs[1].world.trace ?? [])
            let isSame = one == two
            #expect(isSame, "seed \(seed): \(zip(one, two).first { $0 != $1 } ?? ("", ""))")
        }
    }

    /// Seeds that do not come to rest within the bound: all wait for a promotion that is fencing,
    /// and has not what it fences. Known, and open; nothing else about them is excused.
    private static let restless: Set<UInt64> = [110, 122]

    private static func report(_ finding: String, _ seed: UInt64) {
        let text: Comment = """
            \(finding)
            SEED=\(seed) tools/test --filter SystemSimulationTests
            """
        if restless.contains(seed), finding.hasPrefix("no rest") {
            withKnownIssue { Issue.record(text) }
        } else {
            Issue.record(text)
        }
    }

    private static func say(_ line: String) { print(line) }

    private static func number(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}
