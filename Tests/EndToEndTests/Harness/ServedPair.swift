import Foundation
import MartletHarness

/// A server with its shipper, and a follower that serves reads: four processes on two directories.
final class ServedPair {
    let one: ServedStore
    /// The follower's port for clients.
    let port: UInt16
    /// The follower's port for metrics.
    let metricsPort: UInt16
    private let shipperPort: UInt16
    private let otherPort: UInt16
    private var shipper: ChildProcess?
    private var follower: ChildProcess?

    private var data: String { one.directory + "/two" }

    /// All of it runs, and the follower has what the server has.
    init() throws {
        port = try Connection.freePort()
        metricsPort = try Connection.freePort()
        shipperPort = try Connection.freePort()
        otherPort = try Connection.freePort()
        one = try ServedStore(
            keys: "replication.serve=true", "client.servers=http://127.0.0.1:\(port)")
        try startShipper()
        try startFollower()
        // It lets nobody in before a follower has what it has, so there must be one.
        guard one.stop() == 0 else { throw HarnessError("the server did not stop") }
        try one.start(["--set", "replication.followers=1"], keepsPort: true)
        try waitForFollower()
    }

    /// An empty log is shown to anybody, but the shipper takes up to a second to come back, and
    /// nothing can be stored before.
    private func waitForFollower() throws {
        var attempt = 0
        // Only a write that is taken says that it is there.
        let isThere = try waitUntil(.after(seconds: 60), everyMilliseconds: 25) {
            attempt += 1
            let device = ChatDevice("early-\(attempt)")
            try device.connect(one)
            return (try? device.enter("register")) != nil
        }
        guard isThere else { throw HarnessError("the follower never came\n" + one.log) }
    }

    /// All of them are in at the primary.
    func register(_ devices: ChatDevice...) throws {
        for device in devices {
            try device.connect(one)
            try device.enter("register")
        }
    }

    func startShipper() throws {
        let process = try ChildProcess(
            [
                ServedStore.program, "shipper", "--data", one.directory + "/data", "--listen",
                "127.0.0.1:\(shipperPort)", "--name", "one", "--insecure",
            ], log: one.directory + "/shipper-log")
        shipper = process
        try process.waitForOutput("the shipper is ready", until: .after(seconds: 60))
    }

    func startFollower() throws {
        let process = try ChildProcess(
            [
                ServedStore.program, "follow", "--data", data, "--from",
                "127.0.0.1:\(shipperPort)=http://127.0.0.1:\(one.port),127.0.0.1:\(otherPort)",
                "--name", "two", "--insecure", "--listen", "127.0.0.1:\(port)", "--set",
                "replication.serve=true", "--set", "metrics.listen=127.0.0.1:\(metricsPort)",
                "--set",
                "client.servers=http://127.0.0.1:\(one.port)",
            ], log: one.directory + "/" + UUID().uuidString)
        follower = process
        try process.waitForOutput("can be read at", until: .after(seconds: 60))
    }

    /// Ends the server and its shipper as a power cut would end them.
    func killPrimary() {
        one.kill()
        shipper?.send(SIGKILL)
        _ = shipper?.wait()
    }

    /// Promotes the follower in its process; the command's status and what it printed.
    func promote(_ arguments: String...) throws -> (code: Int32, output: String) {
        let log = one.directory + "/" + UUID().uuidString
        let process = try ChildProcess(
            [ServedStore.program, "promote", "--data", data, "--insecure"] + arguments, log: log)
        let code = process.wait()
        return (code, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// Waits until the follower's process says that it serves as the primary.
    func waitForPromoted() throws {
        try follower?.waitForOutput("Martlet is ready at", until: .after(seconds: 60))
    }

    /// Asks the follower's process to stop; its exit code.
    func stopFollower() -> Int32? {
        follower?.send(SIGTERM)
        return follower?.wait()
    }
}
