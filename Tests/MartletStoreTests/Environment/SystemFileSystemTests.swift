import Glibc
import Testing

@testable import MartletStore

@Suite("The operating system's files") struct SystemFileSystemTests {
    private let files = SystemFileSystem()

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = "/tmp/martlet-\(getpid())-\(SystemRandom().next())"
        try files.createDirectory(path)
        defer {
            for name in (try? files.list(path)) ?? [] { try? files.remove("\(path)/\(name)") }
            rmdir(path)
        }
        try body(path)
    }

    @Test("a second lock attempt is refused and names the owner")
    func lockNamesOwner() throws {
        try withDirectory { directory in
            let path = directory + "/LOCK"
            let owner = LockOwner.text(since: 1_700_000_000_000_000)
            #expect(owner.hasPrefix("pid=\(getpid()) host="))
            #expect(owner.hasSuffix(" since=1700000000"))
            var held: (any FileLock)? = try files.lock(path, owner: owner)
            let error = storeError { _ = try files.lock(path, owner: "another") }
            #expect(error?.code == .locked)
            #expect(error?.message.contains(owner) == true)
            #expect(error?.path == path)
            #expect(held != nil)
            held = nil
            #expect(storeError { _ = try files.lock(path, owner: "another") } == nil)
        }
    }

    @Test("what is written is read back, short at the end of the file")
    func readsAndWrites() throws {
        try withDirectory { directory in
            let file = try files.open(directory + "/a", .create)
            try [UInt8](1...10).withUnsafeBytes { try file.write($0, at: 5) }
            try file.sync()
            try files.syncDirectory(directory)
            var bytes = [UInt8](repeating: 99, count: 20)
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 3) }
            #expect(count == 12)
            #expect(Array(bytes[..<12]) == [0, 0] + [UInt8](1...10))
            try file.allocate(4096)
            #expect(try file.size() == 4096)
            try file.truncate(to: 7)
            #expect(try file.size() == 7)
            file.close()
            #expect(storeError { _ = try file.size() }?.code == .closed)
        }
    }

    @Test("errors say what is missing or in the way, with the path")
    func errors() throws {
        try withDirectory { directory in
            let path = directory + "/a"
            #expect(storeError { _ = try files.open(path, .read) }?.code == .notFound)
            #expect(storeError { _ = try files.open(path, .read) }?.path == path)
            _ = try files.open(path, .create)
            #expect(storeError { _ = try files.open(path, .create) }?.code == .alreadyExists)
            #expect(storeError { try files.createDirectory(path) }?.code == .alreadyExists)
            #expect(storeError { try files.createDirectory(directory) } == nil)
            #expect(storeError { _ = try files.list(directory + "/none") }?.code == .notFound)
            try files.rename(path, to: directory + "/b")
            try files.link(directory + "/b", to: directory + "/c")
            #expect(Set(try files.list(directory)) == ["b", "c"])
            #expect(!files.exists(path))
            #expect(try files.freeSpace(directory) > 0)
        }
    }

    @Test("a full device is told apart from other errors")
    func fullDevice() throws {
        let file = try files.open("/dev/full", .readWrite)
        let error = storeError { try [UInt8](1...8).withUnsafeBytes { try file.write($0, at: 0) } }
        #expect(error?.code == .noSpace)
    }

    @Test("the log runs on real files as on simulated ones")
    func realLog() throws {
        try withDirectory { directory in
            let store = StoreID(random: SystemRandom())
            let writer = try LogWriter(
                files, directory: directory, storeID: store, epoch: 1, segmentSize: 8192,
                recovered: LogReport(), nextSequence: 1)
            let batches = (1...100).map { LogFixture.batch($0, size: 300) }
            for batch in batches { try LogFixture.append([batch], to: writer) }
            try writer.close()
            var read: [LogFixture.Batch] = []
            let report = try LogRecovery.run(
                files, directory: directory, storeID: store, minimumSegment: 0
            ) { _, sequence, _, payload in
                read.append(LogFixture.Batch(sequence: sequence, payload: Array(payload)))
            }
            #expect(read == batches)
            #expect(report.isSealed)
            #expect(report.segments.count > 3)
        }
    }
}
