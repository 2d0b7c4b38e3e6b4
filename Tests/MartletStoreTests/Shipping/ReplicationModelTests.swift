import Foundation
import MartletSimulation
import Testing

@testable import MartletStore

/// `SEED=n tools/test --filter ReplicationModelTests` runs that seed alone.
@Suite("A primary and its follower against the model") struct ReplicationModelTests {
    private static let replayed = ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init)

    @Test(
        "through restarts, power cuts, cuts of the log, seeds and failovers both read as the model",
        arguments: 0..<20)
    func randomRuns(_ block: Int) throws {
        if let seed = Self.replayed {
            if block == 0 { try Self.run(seed) }
            return
        }
        for seed in UInt64(block * 10)..<UInt64(block * 10 + 10) { try Self.run(seed) }
    }

    private static func run(_ seed: UInt64) throws {
        do {
            let pair = try ReplicaPair(seed: seed)
            for step in 0..<140 { try pair.step(step) }
            try pair.end()
        } catch {
            Issue.record("SEED=\(seed) tools/test --filter ReplicationModelTests: \(error)")
            throw error
        }
    }
}
