import Foundation
import MartletSimulation
import Testing

@testable import MartletChat

/// `SEED=n` runs that seed alone, with its whole history printed; `SEEDS=n` runs the first n.
@Suite("Clients of a server that fails")
struct ClientSimulationTests {
    private static let replayed = ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init)
    private static let count =
        ProcessInfo.processInfo.environment["SEEDS"].flatMap(UInt64.init) ?? 1_000
    private static let block: UInt64 = 20

    @Test(
        "nothing is lost, doubled, reordered or stale, whatever fails",
        arguments: 0..<(count + block - 1) / block)
    func seeds(_ index: UInt64) throws {
        let first = index * Self.block
        let seeds = Self.replayed.map { $0..<$0 + 1 } ?? first..<min(first + Self.block, Self.count)
        if Self.replayed != nil, index > 0 { return }
        for seed in seeds {
            let world = try ClientWorld(seed: seed)
            let report = world.run()
            if Self.replayed != nil { print(Self.text(world)) }
            try #require(report.isSound, "SEED=\(seed) \(report)")
            try #require(world.failure == nil, "SEED=\(seed)")
            try #require(report.refusedInPairs == 0, "SEED=\(seed): a send was refused")
            try world.server.close()
        }
    }

    @Test("a seed decides everything")
    func determinism() throws {
        for seed: UInt64 in [3, 77] {
            let worlds = try (0..<2).map { _ in try ClientWorld(seed: seed) }
            for world in worlds { _ = world.run() }
            #expect(Self.text(worlds[0]) == Self.text(worlds[1]), "seed \(seed)")
        }
    }

    @Test("every kind of fault comes about, and clients see its traces")
    func coverage() throws {
        var total = WorldCounts()
        var report = HistoryReport()
        for seed: UInt64 in 5_000..<5_040 {
            let world = try ClientWorld(seed: seed)
            let found = world.run()
            total.add(world.counts)
            total.add(world.server.chat.failedStatistics)
            report.acknowledged += found.acknowledged
            report.repeated += found.repeated
            report.recovered += found.recovered
        }
        let counts = [
            total.crashes, total.crashesWhileOpening, total.diskFailures, total.clockSteps,
            total.cuts, total.duplicated, total.reordered, total.dropped, total.givenUp,
            report.acknowledged, report.repeated, report.recovered, total.kept, total.redriven,
        ]
        #expect(counts.allSatisfy { $0 > 0 }, "\(counts)")
    }

    @Test("a server that answers before the log is synced is found out")
    func answersEarly() throws {
        let kinds = try found(.answersEarly) {
            $0.crashes = 15
            $0.diskFailures = 0
        }
        #expect(kinds.contains(.lost) || kinds.contains(.disagreement), "\(kinds)")
    }

    @Test("a server that forgets client message ids is found out")
    func forgetsRepeats() throws {
        let kinds = try found(.forgetsRepeats) { $0.duplicated = 200 }
        #expect(kinds.contains(.doubled), "\(kinds)")
    }

    @Test("a server that serves old pages is found out")
    func servesOldPages() throws {
        let kinds = try found(.servesOldPages) { $0.crashes = 0 }
        #expect(kinds.contains(.gap) || kinds.contains(.stale), "\(kinds)")
    }

    /// The kinds of violations of 20 seeds under a sabotaged server.
    private func found(
        _ sabotage: WorldFaults.Sabotage, _ change: (inout WorldFaults) -> Void
    ) throws -> Set<Violation.Kind> {
        var kinds: Set<Violation.Kind> = []
        for seed: UInt64 in 0..<20 {
            let world = try ClientWorld(seed: seed) {
                $0.sabotage = sabotage
                change(&$0)
            }
            // A world whose clients do not come to rest has been found out as well.
            _ = world.run()
            kinds.formUnion(world.check().violations.map(\.kind))
        }
        return kinds
    }

    private static func text(_ world: ClientWorld) -> String {
        world.history.observations.enumerated()
            .map { "#\($0.offset) \($0.element)" }.joined(separator: "\n")
    }
}

extension WorldCounts {
    fileprivate mutating func add(_ other: WorldCounts) {
        crashes += other.crashes
        crashesWhileOpening += other.crashesWhileOpening
        diskFailures += other.diskFailures
        clockSteps += other.clockSteps
        cuts += other.cuts
        duplicated += other.duplicated
        reordered += other.reordered
        dropped += other.dropped
        givenUp += other.givenUp
        kept += other.kept
        redriven += other.redriven
    }
}
