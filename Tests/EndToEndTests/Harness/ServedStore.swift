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
    init(_ flags: String...) throws {
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
    func start() throws {
        port = try Connection.freePort()
        let started = try ChildProcess(
            [Self.program, "serve", "--data", directory + "/data", "--port", String(port)]
                + flags,
            log: directory + "/log")
        process = started
        for _ in 0..<1_000 {
            if let code = started.poll() { throw HarnessError("exit \(code)\n" + log) }
            if let answer = try? get("/readyz"), answer.status == 200 { return }
            usleep(10_000)
        }
        throw HarnessError("not ready after 1000 attempts\n" + log)
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
        process?.send(SIGTERM)
        return process?.wait()
    }

    /// One HTTP request on a connection of its own.
    func get(_ path: String) throws -> (status: Int, head: String) {
        let connection = try Connection(port: port)
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        try connection.write(Array(request.utf8))
        let head = try connection.readHead()
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (status ?? 0, head)
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

    /// What the servers on this directory have written so far.
    var log: String {
        (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
    }

    /// The built command: it lies beside the program that runs the tests.
    private static var program: String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("martlet").path
    }
}
