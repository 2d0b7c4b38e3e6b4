import MartletSimulation
import Testing

@testable import MartletStore

@Suite("What a checkpoint refuses") struct CheckpointRefusalTests {
    private let simulation = Simulation(seed: 3)

    private func open(_ path: String = "/store", readOnly: Bool = false) throws -> Store {
        var options = StoreOptions()
        options.diskReserve = 0
        options.readOnly = readOnly
        return try Store.open(at: path, options: options, environment: simulation.environment)
    }

    @Test("a target that is there is left alone")
    func existing() throws {
        let store = try open()
        try simulation.disk.createDirectory("/copy")
        #expect(storeError { _ = try store.checkpoint(at: "/copy") }?.code == .alreadyExists)
        #expect(try simulation.disk.list("/copy").isEmpty)
        #expect(storeError { _ = try store.checkpoint(at: "/store") }?.code == .alreadyExists)
    }

    @Test("a directory that is not there is not made")
    func missingParent() throws {
        let store = try open()
        #expect(storeError { _ = try store.checkpoint(at: "/no/copy") }?.code == .notFound)
        #expect(!simulation.disk.exists("/no"))
    }

    @Test("somebody's files under the partial name are not removed")
    func foreignPartial() throws {
        let store = try open()
        try simulation.disk.createDirectory("/copy.partial")
        simulation.disk.replace("/copy.partial/diary.txt", with: [1, 2, 3])
        let error = storeError { _ = try store.checkpoint(at: "/copy") }
        #expect(error?.code == .alreadyExists)
        #expect(error?.path == "/copy.partial/diary.txt")
        #expect(simulation.disk.contents(of: "/copy.partial/diary.txt") == [1, 2, 3])
    }

    @Test("two processes do not fill one partial directory")
    func lockedPartial() throws {
        let store = try open()
        try simulation.disk.createDirectory("/copy.partial")
        let held = try simulation.disk.lock("/copy.partial/LOCK", owner: "another")
        #expect(storeError { _ = try store.checkpoint(at: "/copy") }?.code == .locked)
        withExtendedLifetime(held) {}
    }

    @Test("a store that is closed or read-only makes none")
    func notWritable() throws {
        let store = try open()
        let reader = try open(readOnly: true)
        #expect(storeError { _ = try reader.checkpoint(at: "/copy") }?.code == .unsupported)
        try store.close()
        #expect(storeError { _ = try store.checkpoint(at: "/copy") }?.code == .closed)
    }

    @Test("a checkpoint of an empty store is a store")
    func empty() throws {
        let store = try open()
        let report = try store.checkpoint(at: "/copy/")
        #expect(report.sequence == 0)
        #expect(report.tables == 0)
        let copy = try open("/copy")
        #expect(copy.tables.isEmpty)
        try copy.close()
    }
}
