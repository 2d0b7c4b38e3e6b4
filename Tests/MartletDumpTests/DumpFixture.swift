import Glibc
import MartletSimulation
import MartletStore

/// A small chat-like store on the real disk, the same in every run: `store/` in a directory that
/// goes with the fixture. Clock and randomness are simulated.
final class DumpFixture {
    let directory: String

    /// The tables that the chat would have, with few rows.
    init() throws {
        var template = Array("/tmp/martlet-dump-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw ProgramError(message: "mkdtemp") }
        directory = String(cString: made)
        let simulation = Simulation(seed: 5)
        var environment = simulation.environment
        environment.fileSystem = Environment.system.fileSystem
        var options = StoreOptions()
        options.logSegmentSize = 8 << 10
        options.compactsAutomatically = false
        options.diskReserve = 0
        let store = try Store.open(
            at: directory + "/store", options: options, environment: environment)
        var schema = FamilySchema("v", filter: .rowAndPrefix(length: 18))
        schema.blockSize = 1 << 10
        let messages = try store.createTable("messages", families: [schema])
        let names = try store.createTable("names", families: [FamilySchema("v")])
        let notes = try store.createTable("notes", families: [FamilySchema("text")])
        for number in UInt64(1)...60 {
            var batch = WriteBatch()
            var row = RowKey()
            row.append(UInt16(number % 2 == 0 ? 404 : 17))
            row.append(UInt64(number % 2 == 0 ? 0xb0b : 0xa11ce))
            row.append(UInt64(number % 2 == 0 ? 0xa11ce : 0xb0b))
            row.append((number + 1) / 2)
            try batch.put(
                try messages.family("v"), row: row, qualifier: "",
                value: "message \(number): " + String(repeating: "tweet ", count: Int(number % 9)),
                timestamp: Self.time + number * 1_000_000)
            try store.write(batch)
        }
        var batch = WriteBatch()
        try batch.put(
            try names.family("v"), row: "alice", qualifier: "", value: [1, 0, 0xff],
            timestamp: Self.time)
        try batch.deleteRange(notes, from: "a\\b", to: "c\u{e9}")
        try store.write(batch)
        try store.compact()
        var last = WriteBatch()
        try last.put(
            try notes.family("text"), row: "r\n1", qualifier: "q", value: "in the log only",
            timestamp: Self.time, timeToLive: 60_000_000)
        try last.deleteColumn(try names.family("v"), row: "alice", qualifier: "")
        try store.write(last)
        try store.close()
        simulation.executor.runAll()
    }

    deinit { _ = try? DumpProgram.shell(["rm", "-rf", directory], in: "/tmp") }

    /// 2026-01-02T03:04:05Z.
    private static let time: UInt64 = 1_767_323_045_000_000

    func run(_ arguments: String...) throws -> DumpProgram.Outcome {
        try DumpProgram.run(arguments, in: directory)
    }

    func files(_ folder: String) throws -> [String] {
        try Environment.system.fileSystem.list("\(directory)/store/\(folder)").sorted()
            .map { "store/\(folder)/\($0)" }
    }

    /// The largest table: the messages.
    func messages() throws -> String {
        let sized = try files("tables").map { ($0, try bytes($0).count) }
        return sized.max { $0.1 < $1.1 }?.0 ?? ""
    }

    func segment() throws -> String { try files("log").last ?? "" }

    func manifest() throws -> String {
        let names = try Environment.system.fileSystem.list("\(directory)/store")
        return "store/" + (names.first { $0.hasPrefix("MANIFEST") } ?? "")
    }

    func bytes(_ path: String) throws -> [UInt8] {
        try DumpProgram.bytes(of: "\(directory)/\(path)")
    }

    func write(_ bytes: [UInt8], to path: String) throws {
        try DumpProgram.write(bytes, to: "\(directory)/\(path)")
    }
}
