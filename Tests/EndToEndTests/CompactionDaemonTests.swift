import Foundation
import Glibc
import MartletHarness
import Testing

@Suite("a store and its compaction daemons, as processes", .serialized)
struct CompactionDaemonTests {
    private func run(_ arguments: [String], _ log: String) throws -> (code: Int32, output: String) {
        let process = try ChildProcess(arguments, log: log)
        let code = process.wait()
        return (code, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    @Test("killed at random under load: nothing is lost and no file is left")
    func killed() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("mt-" + UUID().uuidString.prefix(8)).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let probe = URL(fileURLWithPath: ServedStore.program).deletingLastPathComponent()
            .appendingPathComponent("martlet-probe").path
        let seed = UInt64.random(in: 0..<1_000_000)
        let (code, output) = try run(
            [
                probe, "compactd", "--martlet", ServedStore.program, "--rounds", "8", "--seed",
                String(seed), "--directory", directory,
            ], directory + ".log")
        let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
        #expect(
            code == 0, "SEED=\(seed) tools/crash compactd 8\n\(output)\n\(log.suffix(2_000))")
        #expect(output.contains("nothing left over"), "\(output)")
        try? FileManager.default.removeItem(atPath: directory + ".log")
    }

    @Test("a daemon attaches to a server, is seen in the status, and ends with it or by itself")
    func attached() throws {
        let server = try ServedStore()
        let data = ["--data", server.directory + "/data"]
        func compactd(_ arguments: String...) throws -> (code: Int32, output: String) {
            try run(
                [ServedStore.program, "compactd"] + arguments + data,
                server.directory + "/" + UUID().uuidString)
        }
        #expect(try compactd("status").code == 2)
        let daemon = try ChildProcess(
            [ServedStore.program, "compactd", "--jobs", "2"] + data,
            log: server.directory + "/daemon")
        var status = try compactd("status", "--json")
        // Only the command tells.
        _ = try waitUntil(.after(seconds: 60)) {
            status = try compactd("status", "--json")
            return status.code != 2
        }
        #expect(status.code == 0 && status.output.contains("\"workers\":2"), "\(status)")
        #expect(try compactd("--once").code == 0)
        #expect(server.stop() == 0)
        #expect(daemon.poll() == nil, "it waits for the server to come back")
        #expect(try compactd("status").code == 1)
        try server.start()
        _ = try waitUntil(.after(seconds: 60)) {
            status = try compactd("status")
            return status.code == 0
        }
        #expect(status.code == 0, "it has come back: \(status)")
        daemon.send(SIGTERM)
        #expect(daemon.wait() == 0)
        #expect(server.stop() == 0)
    }
}
