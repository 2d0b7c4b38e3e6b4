import Foundation
import MartletHarness

/// A served store with its shipper and a follower of it, each a process.
final class Replicas {
    let server: ServedStore
    private let port: UInt16
    private var shipper: ChildProcess?
    private var follower: ChildProcess?

    /// The follower's data directory.
    var copy: String { server.directory + "/two" }

    /// Starts all three, and returns when the follower has what there is.
    init(keys: String...) throws {
        server = try ServedStore(keys: ["replication.serve=true"] + keys)
        port = try Connection.freePort()
        try startShipper()
        try startFollower()
    }

    func startShipper() throws {
        shipper = try start(
            "shipper", server.directory + "/data", ["--listen", "127.0.0.1:\(port)"])
        try waitForStatus("the shipper answers", server.directory + "/data") { $0 != nil }
    }

    func startFollower() throws {
        follower = try start("follow", copy, ["--from", "127.0.0.1:\(port)"])
        try waitForFollower()
    }

    /// Waits until the follower has all that the shipper knows of.
    func waitForFollower() throws {
        try waitForStatus("the follower has all", server.directory + "/data") { status in
            guard case .array(let followers)? = status?["followers"] else { return false }
            return followers.contains { follower in
                ["streaming", "catching-up"].contains(follower["state"]?.string ?? "")
                    && follower["lagRecords"] == 0
            }
        }
    }

    func stopFollower() { end(&follower, SIGTERM) }
    func killFollower() { end(&follower, SIGKILL) }
    func killShipper() { end(&shipper, SIGKILL) }

    /// Freezes the follower where it is, or has it go on.
    func freezeFollower() { follower?.send(SIGSTOP) }
    func thawFollower() { follower?.send(SIGCONT) }

    private func end(_ process: inout ChildProcess?, _ signal: Int32) {
        process?.send(SIGCONT)
        process?.send(signal)
        _ = process?.wait()
        process = nil
    }

    private func start(
        _ verb: String, _ data: String, _ arguments: [String]
    ) throws -> ChildProcess {
        try ChildProcess(
            [ServedStore.program, verb, "--data", data, "--name", "nest", "--insecure"]
                + arguments, log: server.directory + "/" + verb)
    }

    private func waitForStatus(
        _ what: String, _ data: String, _ isTrue: (JSON?) -> Bool
    ) throws {
        // Only the command tells.
        let isSo = try waitUntil(.after(seconds: 60), everyMilliseconds: 50) {
            let answer = try run(["replication", "status", "--data", data, "--json"])
            return isTrue(try? JSON.parse(answer.output))
        }
        if isSo { return }
        let logs = ["shipper", "follow", "log"].map { name in
            (try? String(contentsOfFile: server.directory + "/" + name, encoding: .utf8)) ?? ""
        }
        throw HarnessError("not in time: \(what)\n" + logs.joined(separator: "\n"))
    }

    /// Runs `martlet`; its status and what it printed.
    func run(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let log = server.directory + "/" + UUID().uuidString
        let process = try ChildProcess([ServedStore.program] + arguments, log: log)
        let code = process.wait()
        defer { try? FileManager.default.removeItem(atPath: log) }
        return (code, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }
}
