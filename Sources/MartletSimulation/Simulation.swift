package import MartletStore

/// A machine that one seed decides: disk, clock, randomness and the order of background jobs.
package struct Simulation: Sendable {
    package let disk = SimulatedDisk()
    package let clock = SimulatedClock()
    package let random: SeededRandom
    package let executor: SimulatedExecutor

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        executor = SimulatedExecutor(seed: seed)
    }

    /// The doors, to open a store with.
    package var environment: Environment {
        Environment(fileSystem: disk, clock: clock, random: random, background: executor)
    }

    /// Cuts the power: see `SimulatedDisk.crash`. Waiting jobs are gone too.
    package func crash(seed: UInt64, mode: CrashMode = .random) {
        executor.removeAll()
        disk.crash(seed: seed, mode: mode)
    }
}
