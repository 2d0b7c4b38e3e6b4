import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The simulated disk") struct SimulatedDiskTests {
    private func write(_ file: any File, _ bytes: [UInt8], at offset: UInt64 = 0) throws {
        try bytes.withUnsafeBytes { try file.write($0, at: offset) }
    }

    @Test("synced bytes under a synced name survive, others do not")
    func syncedSurvives() throws {
        let disk = SimulatedDisk()
        for name in ["/both", "/name"] {
            let file = try disk.open(name, .create)
            try write(file, [1, 2, 3])
            if name == "/both" { try file.sync() }
        }
        try disk.syncDirectory("/")
        let third = try disk.open("/bytes", .create)
        try write(third, [1, 2, 3])
        try third.sync()
        disk.crash(seed: 1, mode: .loseAll)
        #expect(disk.contents(of: "/both") == [1, 2, 3])
        #expect(disk.contents(of: "/name") == [])
        #expect(disk.contents(of: "/bytes") == nil)
        #expect(storeError { _ = try third.size() }?.code == .io)
    }

    @Test("a random power cut keeps or loses each sector by itself, as its seed says")
    func sectors() throws {
        var outcomes: Set<[UInt8]> = []
        for seed in UInt64(1)...40 {
            func run() throws -> [UInt8] {
                let disk = SimulatedDisk()
                let file = try disk.open("/a", .create)
                try file.allocate(2048)
                try file.sync()
                try disk.syncDirectory("/")
                try write(file, [UInt8](repeating: 1, count: 2048))
                disk.crash(seed: seed)
                let bytes = disk.contents(of: "/a") ?? []
                return stride(from: 0, to: 2048, by: 512).map { bytes[$0] + bytes[$0 + 511] }
            }
            let outcome = try run()
            #expect(outcome.allSatisfy { $0 == 0 || $0 == 2 }, "seed \(seed)")
            #expect(try run() == outcome, "seed \(seed)")
            outcomes.insert(outcome)
        }
        #expect(outcomes.count > 8)
    }

    @Test("after a failed sync later syncs succeed and the bytes are lost all the same")
    func lyingSync() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("/a", .create)
        try disk.syncDirectory("/")
        try write(file, [1, 2, 3])
        disk.failOperation(at: disk.operations + 1, .io)
        #expect(storeError { try file.sync() }?.code == .io)
        try file.sync()
        #expect(disk.contents(of: "/a") == [1, 2, 3])
        disk.crash(seed: 1, mode: .keepAll)
        #expect(disk.contents(of: "/a") == [])
    }

    @Test("a rename without a directory sync may be lost, and is whole if it is not")
    func renames() throws {
        var outcomes: Set<[String]> = []
        for seed in UInt64(1)...20 {
            let disk = SimulatedDisk()
            _ = try disk.open("/a", .create)
            try disk.syncDirectory("/")
            try disk.rename("/a", to: "/b")
            disk.crash(seed: seed)
            outcomes.insert(try disk.list("/"))
        }
        #expect(outcomes == [["a"], ["b"]])
    }

    @Test("space is counted, given back, and refused when it is out")
    func capacity() throws {
        let disk = SimulatedDisk()
        disk.capacity = 1000
        let file = try disk.open("/a", .create)
        try write(file, [UInt8](repeating: 1, count: 600))
        #expect(try disk.freeSpace("/") == 400)
        let other = try disk.open("/b", .create)
        #expect(storeError { try other.allocate(500) }?.code == .noSpace)
        try disk.remove("/a")
        #expect(try disk.freeSpace("/") == 1000)
        try other.allocate(500)
    }

    @Test("a lock names its holder and is freed by its release and by a crash")
    func locks() throws {
        let disk = SimulatedDisk()
        var lock: (any FileLock)? = try disk.lock("/LOCK", owner: "first")
        let error = storeError { _ = try disk.lock("/LOCK", owner: "second") }
        #expect(error?.message.contains("first") == true)
        #expect(lock != nil)
        lock = nil
        lock = try disk.lock("/LOCK", owner: "second")
        disk.crash(seed: 1)
        let third = try disk.lock("/LOCK", owner: "third")
        lock = nil
        #expect(storeError { _ = try disk.lock("/LOCK", owner: "fourth") }?.code == .locked)
        _ = third
    }

    @Test("a power cut fails all that follows until the machine is up again")
    func powerCut() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("/a", .create)
        disk.failOperation(at: disk.operations + 1, .powerCut)
        #expect(storeError { try file.sync() }?.code == .io)
        #expect(storeError { _ = try disk.list("/") }?.code == .io)
        disk.crash(seed: 3)
        _ = try disk.list("/")
    }

    @Test("waiting jobs are run in an order that the seed decides")
    func executor() {
        func order(_ seed: UInt64?) -> [Int] {
            let executor = SimulatedExecutor(seed: seed)
            let random = SeededRandom(seed: 1)
            nonisolated(unsafe) var ran: [Int] = []
            for job in 0..<10 { executor.submit(.flush) { ran.append(job) } }
            executor.runAll()
            #expect(random.next() == SeededRandom(seed: 1).next())
            return ran
        }
        #expect(order(nil) == Array(0..<10))
        #expect(order(5) == order(5))
        #expect(order(5) != order(6))
    }
}
