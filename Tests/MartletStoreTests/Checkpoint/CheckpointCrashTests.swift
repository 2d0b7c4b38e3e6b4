import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A checkpoint that is cut off") struct CheckpointCrashTests {
    @Test(
        "after a power cut at any step there is none, or all of it",
        arguments: CrashMode.allCases, [true, false])
    func everyStep(_ mode: CrashMode, _ links: Bool) throws {
        let steps = try forEachOperation { n in try run(cutAt: n, mode, links) }
        #expect(steps > 20, "the checkpoint is too short to mean anything")
    }

    private func prepare(_ seed: UInt64, links: Bool) throws -> StoreScenario {
        let scenario = try StoreScenario(seed: seed, options: Self.options)
        scenario.simulation.disk.allowsLinks = links
        for step in 0..<30 {
            try scenario.writeBatch(step % 4 == 0 ? .synced : .written)
            if step % 11 == 10 { try scenario.store.flush() }
        }
        try scenario.writeBatch(.synced)
        return scenario
    }

    private static var options: StoreOptions {
        var options = StoreOptions()
        options.memtableSize = 8 << 10
        options.logSegmentSize = 4 << 10
        options.diskReserve = 0
        options.compactsAutomatically = false
        return options
    }

    private func run(cutAt n: UInt64, _ mode: CrashMode, _ links: Bool) throws -> Bool {
        let scenario = try prepare(7_000 + n, links: links)
        let disk = scenario.simulation.disk
        let (wasHit, report) = disk.failing(at: n, .powerCut) {
            try? scenario.store.checkpoint(at: "/copy")
        }
        try scenario.crashAndReopen(seed: n, mode: mode)
        try scenario.check("cut at \(n) (\(mode)), the source")
        if disk.exists("/copy") {
            try scenario.checkCopy(at: "/copy", since: scenario.synced, "cut at \(n) (\(mode))")
        } else {
            #expect(report == nil, "cut at \(n) (\(mode)): an acknowledged copy is lost")
            _ = try scenario.store.checkpoint(at: "/copy")
            try scenario.checkCopy(
                at: "/copy", since: scenario.batchEnds.last ?? 0, "again after \(n) (\(mode))")
        }
        #expect(!disk.exists("/copy.partial"))
        return wasHit
    }

    @Test(
        "a failure of any single operation leaves the store as it was, and nothing half",
        arguments: [DiskFailure.io, .noSpace, .shortWrite], [true, false])
    func everyFailure(_ failure: DiskFailure, _ links: Bool) throws {
        let steps = try forEachOperation { n in
            let scenario = try prepare(8_000 + n, links: links)
            let disk = scenario.simulation.disk
            let place = "operation \(n) fails (\(failure))"
            let (wasHit, error) = disk.failing(at: n, failure) {
                storeError { _ = try scenario.store.checkpoint(at: "/copy") }
            }
            guard wasHit else { return false }
            #expect(scenario.store.failure == nil, "\(place): the store is poisoned")
            try scenario.writeBatch(.synced)
            if !disk.exists("/copy") {
                #expect(error != nil, "\(place)")
                _ = try scenario.store.checkpoint(at: "/copy")
            }
            try scenario.checkCopy(at: "/copy", since: 1, place)
            try scenario.check(place)
            return true
        }
        #expect(steps > 20)
    }

    @Test("a disk without room refuses it, typed, and is given back what was taken")
    func noSpace() throws {
        let scenario = try prepare(1, links: false)
        let disk = scenario.simulation.disk
        let free = try disk.freeSpace("/")
        #expect(free > 1 << 30)
        var refusals = 0
        for extra in stride(from: 0, through: 200_000, by: 3_000) {
            disk.capacity = nil
            let used = Int((1 << 40) - 1)
            disk.capacity = used
            let taken = used - Int(try disk.freeSpace("/"))
            disk.capacity = taken + extra
            do throws(StoreError) {
                _ = try scenario.store.checkpoint(at: "/copy")
                break
            } catch {
                #expect(error.code == .noSpace, "\(error)")
                refusals += 1
                #expect(Int(try disk.freeSpace("/")) == extra, "room was not given back")
            }
        }
        #expect(refusals > 2)
        disk.capacity = nil
        try scenario.checkCopy(at: "/copy", since: scenario.batchEnds.last ?? 0, "with room")
    }
}
