import Foundation
import MartletHarness

/// A server with its shipper, and a follower, in `one` and `two` of a directory of their own.
final class ReplicaPair {
    let directory: String
    private(set) var port: UInt16 = 0
    private let shipping: UInt16
    private var processes: [String: ChildProcess] = [:]

    init() throws {
        let name = "martlet-pair-" + UUID().uuidString
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        shipping = try Connection.freePort()
    }

    deinit {
        processes = [:]
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Starts `martlet serve`; it may not be ready yet.
    func serve(_ data: String = "one", followers: Int) throws {
        port = try Connection.freePort()
        try start(
            "serve", "serve", "--data", "\(directory)/\(data)", "--port", String(port), "--set",
            "replication.serve=true", "--set", "replication.followers=\(followers)")
    }

    func ship(_ more: String...) throws {
        try start(
            "shipper",
            ["shipper", "--data", directory + "/one", "--listen", "127.0.0.1:\(shipping)"]
                + ["--name", "nest-1", "--insecure"] + more)
    }

    func follow() throws {
        try start(
            "follow", "follow", "--data", directory + "/two", "--from", "127.0.0.1:\(shipping)",
            "--name", "nest-2", "--insecure")
    }

    /// Asks a process to stop; its exit code.
    @discardableResult func stop(_ name: String) -> Int32? {
        processes[name]?.send(SIGTERM)
        defer { processes[name] = nil }
        return processes[name]?.wait()
    }

    func kill(_ name: String) {
        processes[name]?.send(SIGKILL)
        _ = processes[name]?.wait()
        processes[name] = nil
    }

    func isRunning(_ name: String) -> Bool { processes[name]?.poll() == nil }

    /// What the processes of that name have written so far.
    func log(_ name: String) -> String {
        (try? String(contentsOfFile: "\(directory)/\(name).log", encoding: .utf8)) ?? ""
    }

    /// One command to its end.
    func command(_ arguments: String...) throws -> (code: Int32, output: String) {
        let path = "\(directory)/command-\(UUID().uuidString)"
        let code = try ChildProcess([ServedStore.program] + arguments, log: path).wait()
        return (code, (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
    }

    /// Whether the server lets clients in.
    func isReady() -> Bool {
        guard let connection = try? Connection(port: port) else { return false }
        let request = "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        guard (try? connection.write(Array(request.utf8))) != nil else { return false }
        return (try? connection.readHead())?.contains(" 200 ") == true
    }

    /// Whether the shipper has a follower that has all.
    func isStreaming() -> Bool {
        let status = try? command("replication", "status", "--data", directory + "/one", "--json")
        return status?.code == 0 && status?.output.contains(#""state":"streaming""#) == true
    }

    /// Waits until `isTrue`, at most a minute: what processes answer, or what commands say of them.
    func wait(_ isTrue: () -> Bool) -> Bool {
        waitUntil(.after(seconds: 60), everyMilliseconds: 50, isTrue)
    }

    /// One call to the server over HTTP.
    func call(_ frame: JSON, token: String? = nil) throws -> (status: Int, answer: JSON) {
        try post("/v1/call", frame, token: token)
    }

    func post(
        _ path: String, _ frame: JSON, token: String?
    ) throws -> (status: Int, answer: JSON) {
        let connection = try Connection(port: port)
        try connection.post(path, frame, token: token)
        return try connection.readAnswer()
    }

    private func start(_ name: String, _ arguments: String...) throws {
        try start(name, arguments)
    }

    private func start(_ name: String, _ arguments: [String]) throws {
        processes[name] = try ChildProcess(
            [ServedStore.program] + arguments, log: "\(directory)/\(name).log")
    }
}
