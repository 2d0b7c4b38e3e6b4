import CBench
import Foundation
import MartletHarness

/// The shipper and the followers of a store.
final class ReplicationCast {
    /// Readings of them at one moment.
    struct Probe {
        var shipperCPU = 0.0
        var followerCPU: [Double] = []
        /// Bytes that the shipper has written; its log lines are a few of them.
        var shippedBytes: UInt64 = 0
    }

    private let task: ReplicationTask
    private let store: String
    private var shipper: ServerProcess?
    private var followers: [ServerProcess] = []

    /// Starts them, each with a certificate of its own; returns when all followers have the store.
    init(_ task: ReplicationTask, store: String) throws {
        self.task = task
        self.store = store
        let names = (0..<task.asked.followers).map { "follower-\($0)" }
        let directory = task.directory + "/certificates"
        let script = try ServerProcess(
            task.certificates, [directory, "primary"] + names, environment: [:],
            log: task.directory + "/certificates.log")
        guard script.status == 0 else { throw BenchError("no certificates:\n\(script.output)") }
        let port = try Port.free(count: 1)
        shipper = try start(
            "shipper", "primary", ["--data", store, "--listen", "127.0.0.1:\(port)"])
        try shipper?.wait(for: "the shipper") { $0.output.contains("the shipper is ready") }
        for name in names {
            let data = task.directory + "/" + name
            followers.append(
                try start("follow", name, ["--data", data, "--from", "127.0.0.1:\(port)"]))
        }
        try waitForAll(upTo: 0)
    }

    private func start(
        _ verb: String, _ name: String, _ arguments: [String]
    ) throws -> ServerProcess {
        try ServerProcess(
            task.martlet,
            [verb, "--certificates", task.directory + "/certificates", "--name", name] + arguments,
            environment: [:], log: task.directory + "/\(name).log")
    }

    private struct Status: Decodable {
        struct Follower: Decodable {
            var name: String
            var state: String
            var durable: UInt64
        }
        var followers: [Follower]
    }

    /// Returns when all followers stream and have everything up to `sequence` on their disks.
    func waitForAll(upTo sequence: UInt64) throws {
        var done = 0
        // Only the command tells.
        _ = try waitUntil(.after(seconds: 600), everyMilliseconds: 20) {
            done =
                try status()?.followers.count(where: {
                    ["streaming", "catching-up"].contains($0.state) && $0.durable >= sequence
                }) ?? 0
            let areRunning = shipper?.isRunning == true && followers.allSatisfy(\.isRunning)
            return done == followers.count || !areRunning
        }
        guard done == followers.count else {
            throw BenchError("the followers have not got everything")
        }
    }

    private func status() throws -> Status? {
        let log = task.directory + "/status.log"
        let process = try ServerProcess(
            task.martlet, ["replication", "status", "--data", store, "--json"], environment: [:],
            log: log)
        _ = process.status
        return try? JSONDecoder().decode(Status.self, from: Data(process.output.utf8))
    }

    func probe() -> Probe {
        var probe = Probe()
        guard let shipper else { return probe }
        probe.shipperCPU = shipper.cpuSeconds
        probe.followerCPU = followers.map(\.cpuSeconds)
        let lines = ProcessProbe.text("/proc/\(shipper.identifier)/io").split(separator: "\n")
        let written = lines.first { $0.hasPrefix("wchar:") }?.split(separator: " ").last
        probe.shippedBytes = written.flatMap { UInt64($0) } ?? 0
        return probe
    }

    func stop() {
        for follower in followers { follower.stop() }
        shipper?.stop()
    }
}
