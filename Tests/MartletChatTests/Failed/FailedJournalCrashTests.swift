import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("The journal of failed requests, when the disk fails") struct FailedJournalCrashTests {
    /// What must be there, what must not, and what may or may not.
    private struct Known {
        var live: [UInt64: FailedRequest] = [:]
        /// Ids that an append which failed was about.
        var unsure: Set<UInt64> = []
    }

    /// Appends, settles, refuses, opens again; enough to fill both files some times.
    private func run(_ world: JournalWorld, _ known: inout Known) throws {
        var random = SplitMix(state: 11)
        for id in 1...45 as ClosedRange<UInt64> {
            let text = String(repeating: "z", count: Int(random.next() % 900))
            step(world, &known, .failed(JournalWorld.request(id, text: text)))
            if id > 4, let old = world.live.keys.min() {
                switch random.next() % 3 {
                case 0: step(world, &known, .dropped(old))
                case 1: step(world, &known, .redriven(old))
                default: step(world, &known, .refused(old, reason: "no"), .redriven(old))
                }
            }
            if id % 15 == 0 { try world.open() }
        }
    }

    private func step(_ world: JournalWorld, _ known: inout Known, _ records: FailedRecord...) {
        do {
            for record in records { try world.append(record) }
            known.unsure = []
        } catch {
            for record in records {
                switch record {
                case .failed(let request): known.unsure.insert(request.id)
                case .redriven(let id), .dropped(let id), .refused(let id, _):
                    known.unsure.insert(id)
                }
            }
        }
        known.live = world.live
    }

    private func check(_ world: JournalWorld, _ known: Known, _ place: String) throws {
        try world.open()
        #expect(world.contents.damaged.isEmpty, "\(place): \(world.contents.damaged)")
        let found = Dictionary(uniqueKeysWithValues: world.contents.requests.map { ($0.id, $0) })
        for (id, request) in known.live where !known.unsure.contains(id) {
            #expect(found[id] == request, "\(place): \(id) is lost")
        }
        for id in found.keys where known.live[id] == nil {
            #expect(known.unsure.contains(id), "\(place): \(id) is back")
        }
    }

    @Test(
        "a power cut at any operation loses nothing that was kept and brings back nothing settled",
        arguments: CrashMode.allCases)
    func powerCuts(_ mode: CrashMode) throws {
        var n: UInt64 = 1
        while true {
            let world = try JournalWorld(seed: n)
            let before = world.simulation.disk.operations
            world.simulation.disk.failOperation(at: before + n, .powerCut)
            var known = Known()
            try? run(world, &known)
            let wasHit = world.simulation.disk.operations >= before + n
            world.simulation.crash(seed: n, mode: mode)
            try check(world, known, "power cut at \(n), \(mode)")
            if !wasHit { break }
            n += 1
        }
        #expect(n > 200, "the scenario is too short to mean anything")
    }

    @Test(
        "a failure of any operation is survived, and told",
        arguments: [DiskFailure.io, .noSpace, .shortWrite], [CrashMode.loseAll, .keepAll])
    func failures(_ failure: DiskFailure, _ mode: CrashMode) throws {
        var n: UInt64 = 1
        while true {
            let world = try JournalWorld(seed: n)
            let before = world.simulation.disk.operations
            world.simulation.disk.failOperation(at: before + n, failure)
            var known = Known()
            try? run(world, &known)
            // Past the last operation there is nothing more to fail.
            if world.simulation.disk.operations < before + n { break }
            try check(world, known, "operation \(n): \(failure)")
            world.simulation.crash(seed: n, mode: mode)
            try check(world, known, "operation \(n): \(failure), then a power cut, \(mode)")
            n += 1
        }
    }

    @Test("a power cut at any operation of its making leaves one that can be made")
    func making() throws {
        var n: UInt64 = 1
        while true {
            let simulation = Simulation(seed: n)
            try simulation.disk.createDirectory("/chat")
            try simulation.disk.syncDirectory("/")
            let before = simulation.disk.operations
            simulation.disk.failOperation(at: before + n, .powerCut)
            _ = try? FailedJournal.open(in: "/chat", bytes: 16 << 10, simulation.environment)
            let wasHit = simulation.disk.operations >= before + n
            simulation.crash(seed: n)
            let (_, contents) = try FailedJournal.open(
                in: "/chat", bytes: 16 << 10, simulation.environment)
            #expect(contents.requests.isEmpty && contents.damaged.isEmpty, "cut at \(n)")
            if !wasHit { break }
            n += 1
        }
        #expect(n > 10)
    }
}
