import Foundation
import MartletHarness

/// `martlet serve` on a directory of its own. The directory outlives the process, so that a test
/// can end the one and start another on the same data.
final class ServedStore {
    let directory: String
    private(set) var port: UInt16 = 0
    private var process: ChildProcess?
    private let flags: [String]

    /// - Parameter flags: further ones for `martlet serve`.
    convenience init(_ flags: String...) throws { try self.init(flags: flags) }

    /// - Parameter keys: of the configuration, each `NAME=VALUE`.
    convenience init(keys: String...) throws { try self.init(keys: keys) }

    convenience init(keys: [String]) throws {
        try self.init(flags: keys.flatMap { ["--set", $0] })
    }

    private init(flags: [String]) throws {
        self.flags = flags
        let name = "martlet-" + UUID().uuidString
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        try start()
    }

    deinit {
        process = nil
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Starts a server and returns when it says that it is ready.
    ///
    /// - Parameters:
    ///   - keepsPort: whether it listens where the one before did.
    ///   - data: another directory than its own.
    func start(
        _ arguments: [String] = [], keepsPort: Bool = false, data: String? = nil
    ) throws {
        if !keepsPort { port = try Connection.freePort() }
        let data = data ?? directory + "/data"
        let started = try ChildProcess(
            [Self.program, "serve", "--data", data, "--port", String(port)]
                + flags + arguments,
            log: directory + "/log")
        process = started
        let deadline = Deadline.after(seconds: 60)
        try started.waitForOutput("Martlet is ready at", until: deadline)
        // A moment later it says so itself.
        let isReady = waitUntil(deadline) { (try? get("/readyz"))?.status == 200 }
        guard isReady else { throw HarnessError("not ready in time\n" + log) }
    }

    /// Starts another server on the same data while the first runs.
    func startSecond() throws -> ChildProcess {
        let other = String(try Connection.freePort())
        return try ChildProcess(
            [Self.program, "serve", "--data", directory + "/data", "--port", other],
            log: directory + "/log")
    }

    /// Ends the server as a power cut would end it, for the process.
    func kill() {
        process?.send(SIGKILL)
        _ = process?.wait()
    }

    /// Asks the server to stop; its exit code.
    func stop() -> Int32? {
        beginStop()
        return waitForExit()
    }

    func beginStop() { process?.send(SIGTERM) }

    func waitForExit() -> Int32? { process?.wait() }

    /// One HTTP request on a connection of its own.
    func get(_ path: String) throws -> (status: Int, head: String) {
        let connection = try ask(path, port)
        let head = try connection.readHead()
        return (Self.status(head), head)
    }

    /// The same on another port, with the whole answer.
    func get(_ path: String, port: UInt16) throws -> (status: Int, text: String) {
        let text = String(decoding: try ask(path, port).readToEnd(), as: UTF8.self)
        return (Self.status(text), text)
    }

    private func ask(_ path: String, _ port: UInt16) throws -> Connection {
        let connection = try Connection(port: port)
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        try connection.write(Array(request.utf8))
        return connection
    }

    private static func status(_ head: String) -> Int {
        head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// One call over HTTP, on a connection of its own.
    func call(_ frame: JSON, token: String? = nil) throws -> (status: Int, answer: JSON) {
        try post("/v1/call", frame, token: token)
    }

    /// One POST of JSON, on a connection of its own.
    func post(
        _ path: String, _ body: JSON, token: String?
    ) throws -> (status: Int, answer: JSON) {
        let connection = try Connection(port: port)
        try connection.post(path, body, token: token)
        return try connection.readAnswer()
    }

    /// KiB of memory that the server has.
    var residentKiB: Int {
        let status = process.flatMap {
            try? String(contentsOfFile: "/proc/\($0.id)/status", encoding: .utf8)
        }
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// What the servers on this directory have written so far.
    var log: String {
        (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
    }

    /// The built command: it lies beside the program that runs the tests.
    static var program: String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("martlet").path
    }
}
