import CBench
import Dispatch
import Foundation
import MartletHarness

/// A chat server under test: started, measured and stopped by pid.
class Contender {
    /// As the report calls it.
    let name: String
    /// Where clients connect.
    let port: UInt16
    /// Its data, settings and logs.
    let directory: String
    private(set) var processes: [ServerProcess] = []

    init(name: String, port: UInt16, directory: String) {
        self.name = name
        self.port = port
        self.directory = directory
    }

    /// Starts it with `users` accounts, or ready to make them; returns when it serves.
    func start(users: Int) throws {}

    /// Starts it again on what it has stored, without waiting.
    func startAgain() throws {}

    /// Makes the accounts of users 0 to `users` before anything is measured, if clients make them.
    func prepare(users: Int) throws {}

    /// A client of the server's protocol.
    func client(_ reactor: Reactor, user: Int, listener: any ChatListener) -> ChatClient {
        ChatClient(reactor, user: user, listener: listener)
    }

    /// The user who is also a member of a group, if the server has groups.
    func client(
        _ reactor: Reactor, user: Int, group: Int, listener: any ChatListener
    ) -> ChatClient? { nil }

    final func spawn(
        _ path: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> ServerProcess {
        let program = URL(fileURLWithPath: path).lastPathComponent
        let log = "\(directory)/\(program)-\(port)-\(processes.count).log"
        let process = try ServerProcess(path, arguments, environment: environment, log: log)
        processes.append(process)
        return process
    }

    /// Asks all processes to end, the last started first, and waits.
    final func stop() {
        for process in processes.reversed() { process.stop() }
        processes = []
    }

    /// Asks all processes to end, without waiting.
    final func terminate() {
        for process in processes { process.terminate() }
    }

    /// Whether all processes have ended; they are forgotten then.
    final var hasEnded: Bool {
        guard processes.allSatisfy({ !$0.isRunning }) else { return false }
        processes = []
        return true
    }

    /// Ends all processes without a chance to say a word.
    final func crash() {
        for process in processes.reversed() { process.kill() }
        processes = []
    }

    /// Whether a sender gets a copy of what it sends to a group.
    var echoesToGroup: Bool { false }
    /// Whether clients are told that a message was taken over.
    var acknowledgesMessages: Bool { true }
    /// Syncs of the log so far, if the server counts them.
    var syncs: Int? { nil }
    /// CPU seconds of all processes and their children.
    final var cpuSeconds: Double { processes.reduce(0) { $0 + $1.cpuSeconds } }
    /// Resident bytes of the server itself.
    final var residentBytes: Int { processes.last?.residentBytes ?? 0 }
}

/// A child process whose output goes to a file.
final class ServerProcess {
    private let process = Process()
    private let log: String
    /// Signalled when it has ended.
    private let ending = DispatchSemaphore(value: 0)

    init(
        _ path: String, _ arguments: [String], environment: [String: String], log: String
    ) throws {
        self.log = log
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        guard let output = FileHandle(forWritingAtPath: log) else {
            throw BenchError("cannot write \(log)")
        }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { [ending] _ in ending.signal() }
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }

    /// Waits for its end.
    var status: Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// What the process has written.
    var output: String { ProcessProbe.text(log) }

    /// Waits until `isReady` says so; fails if the process ends or nothing happens for two minutes.
    func wait(for what: String, until isReady: (ServerProcess) -> Bool) throws {
        var isThere = false
        // Servers of all kinds tell it in ways of their own.
        _ = waitUntil(.after(seconds: 120), everyMilliseconds: 20) {
            isThere = isReady(self)
            return isThere || !process.isRunning
        }
        guard isThere else {
            throw BenchError("\(what) did not start:\n\(output.suffix(2000))")
        }
    }

    var isRunning: Bool { process.isRunning }

    func terminate() {
        if process.isRunning { process.terminate() }
    }

    func stop() {
        terminate()
        if ending.wait(timeout: .now() + .seconds(20)) == .timedOut { return kill() }
        // For whoever stops it again.
        ending.signal()
    }

    func kill() {
        if process.isRunning { Foundation.kill(identifier, SIGKILL) }
        process.waitUntilExit()
    }

    var cpuSeconds: Double {
        let pids = [identifier] + Self.children(of: identifier)
        return pids.reduce(0) { $0 + Double(max(0, bench_cpu_nanoseconds($1))) / 1e9 }
    }

    var residentBytes: Int {
        let status = ProcessProbe.text("/proc/\(identifier)/status")
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Direct children: PostgreSQL's backends.
    private static func children(of parent: Int32) -> [Int32] {
        ProcessProbe.text("/proc/\(parent)/task/\(parent)/children")
            .split(separator: " ").compactMap { Int32($0) }
    }
}
