import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

/// What a follower remembers of its primary's readers: a promotion keeps cursors by it.
@Suite("What a primary's readers have seen, as its follower remembers it")
struct FollowerMemoryTests {
    private let simulation = Simulation(seed: 81)

    private var options: StoreOptions {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        return options
    }

    private func store() throws -> TermHistory {
        let store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        let history = store.terms
        try store.close()
        simulation.executor.runAll()
        return history
    }

    private func follower() throws -> StoreFollower {
        try StoreFollower(
            "/store", options: options, environment: simulation.environment)
    }

    private func leader(_ epoch: UInt32, behind history: TermHistory) throws -> TermHistory {
        var history = history
        try history.begin(
            Term(epoch: epoch, incarnation: 9, firstSequence: 1, keepsCursors: true))
        return history
    }

    @Test("stays over a restart, and ends with a promise to another term")
    func promised() throws {
        let history = try store()
        let first = try follower()
        #expect(!first.holdsWhatWasSeen)
        first.note(holdsWhatWasSeen: true)
        #expect(first.perform(.promise(history)) == .done(first.state()))
        #expect(first.holdsWhatWasSeen, "the same term")
        try first.close()
        let again = try follower()
        #expect(again.holdsWhatWasSeen)
        let next = try leader(2, behind: history)
        #expect(again.perform(.promise(next)) == .done(again.state()))
        #expect(again.state().promise.epoch == 2 && !again.holdsWhatWasSeen)
        try again.close()
        #expect(try !follower().holdsWhatWasSeen)
    }

    @Test("goes on over a fence of its own")
    func fenced() throws {
        _ = try store()
        let storage = try follower()
        storage.note(holdsWhatWasSeen: true)
        let fence = FenceService(
            storage: storage, needed: 1, host: "127.0.0.1", port: 0, tls: nil,
            environment: simulation.environment)
        #expect(storage.state().promise == fence.term)
        #expect(storage.holdsWhatWasSeen)
        // Another one's fence comes first in the end.
        let other = try leader(9, behind: storage.state().history)
        #expect(storage.perform(.promise(other)) == .done(storage.state()))
        #expect(!storage.holdsWhatWasSeen)
    }

    @Test("is not that of its own time as a follower, when it was the primary in between")
    func wasPrimary() throws {
        _ = try store()
        let first = try follower()
        first.note(holdsWhatWasSeen: true)
        _ = try #require(first.store).promote(keepsCursors: first.holdsWhatWasSeen)
        try first.close()
        simulation.executor.runAll()
        #expect(try !follower().holdsWhatWasSeen)
    }

    @Test(
        "A power cut at any step leaves no old word beside a new promise",
        arguments: CrashMode.allCases)
    func powerCuts(_ mode: CrashMode) throws {
        let steps = try forEachOperation { n in
            let test = FollowerMemoryTests()
            let disk = test.simulation.disk
            let history = try test.store()
            let storage = try test.follower()
            storage.note(holdsWhatWasSeen: true)
            let leader = try leader(2, behind: history)
            let (wasHit, _) = disk.failing(at: n, .powerCut) {
                storage.perform(.promise(leader))
            }
            test.simulation.crash(seed: n, mode: mode)
            let again = try test.follower()
            let isOld = again.state().promise.epoch == 1
            #expect(isOld || !again.holdsWhatWasSeen, "power off at \(n) (\(mode))")
            return wasHit
        }
        #expect(steps > 3, "it is too short to mean anything")
    }
}
