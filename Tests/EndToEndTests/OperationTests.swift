import Foundation
import MartletHarness
import Testing

@Suite("operations on a served store, from outside", .serialized)
struct OperationTests {
    private func run(
        _ server: ServedStore, _ arguments: [String]
    ) throws -> (code: Int32, output: String) {
        let log = server.directory + "/" + UUID().uuidString
        let process = try ChildProcess([ServedStore.program] + arguments, log: log)
        let code = process.wait()
        return (code, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    @Test("a backup of a running server, restored, has the messages and another epoch")
    func backupAndRestore() throws {
        let server = try ServedStore()
        let data = ["--data", server.directory + "/data"]
        let (ann, ben) = (ChatDevice("ann"), ChatDevice("ben"))
        for device in [ann, ben] {
            try device.connect(server)
            try device.enter("register")
        }
        let copy = server.directory + "/copy"
        let backup = try run(server, ["backup", "--to", copy] + data)
        #expect(backup.code == 0, "\(backup.output)")
        #expect(backup.output.contains("sound"))
        let again = try run(server, ["backup", "--to", copy] + data)
        #expect(again.code == 1)
        #expect(again.output.contains("alreadyExists"), "\(again.output)")
        let locked = try run(server, ["restore", "--from", copy, "--force"] + data)
        #expect(locked.code == 1)
        #expect(locked.output.contains("locked"), "\(locked.output)")

        #expect(server.stop() == 0)
        let refused = try run(server, ["restore", "--from", copy] + data)
        #expect(refused.code == 1)
        #expect(refused.output.contains("--force"), "\(refused.output)")
        let restored = try run(server, ["restore", "--from", copy, "--force"] + data)
        #expect(restored.code == 0, "\(restored.output)")
        let beside = try FileManager.default.contentsOfDirectory(atPath: server.directory)
        #expect(beside.contains { $0.hasPrefix("data.before-restore-") }, "\(beside)")
        // On the stopped store the same routes answer, and the same backup is made.
        let users = try run(server, ["admin", "users", "list"] + data)
        #expect(users.output.contains("ann") && users.output.contains("ben"), "\(users.output)")
        let second = try run(server, ["backup", "--to", copy + "-2"] + data)
        #expect(second.code == 0, "\(second.output)")

        try server.start()
        let health = try run(server, ["health"] + data)
        #expect(health.code == 0, "\(health.output)")
        let sessions = try run(server, ["admin", "sessions", "list", "ann", "--json"] + data)
        #expect(sessions.output.contains("\"sessions\":[{\"id\":\""), "\(sessions.output)")
        #expect(server.stop() == 0)
        #expect(try run(server, ["health"] + data).code == 1)
    }

    @Test("metrics are not on the public port; a configured loopback port serves them alone")
    func metrics() throws {
        let server = try ServedStore()
        #expect(try server.get("/metrics").status == 404)
        #expect(try server.get("/v1/status").status == 404)
        #expect(server.stop() == 0)
        let port = try Connection.freePort()
        try server.start(["--set", "metrics.listen=127.0.0.1:\(port)", "--set", "log.format=json"])
        let device = ChatDevice("ann")
        try device.connect(server)
        try device.enter("register")
        let (status, text) = try server.get("/metrics", port: port)
        #expect(status == 200)
        #expect(text.contains("martlet_sockets 1\n"))
        #expect(text.contains("martlet_frames_received_total{verb=\"register\"} 1\n"))
        #expect(text.contains("martlet_store_log_syncs_total "))
        #expect(try server.get("/v1/status", port: port).status == 404)
        #expect(server.stop() == 0)
        #expect(server.log.contains("\"message\":\"stopped\"}"))
    }

    @Test("a configuration that is wrong stops the start, with the line")
    func configuration() throws {
        let server = try ServedStore()
        #expect(server.stop() == 0)
        let file = server.directory + "/martlet.yaml"
        try "server:\n  prot: 1\n".write(toFile: file, atomically: true, encoding: .utf8)
        let check = try run(server, ["config", "check", file])
        #expect(check.code == 1)
        #expect(check.output.contains("\(file):2: unknown key server.prot"), "\(check.output)")
        #expect(try run(server, ["serve", "--config", file]).code == 1)
        try "server:\n  port: 1\n".write(toFile: file, atomically: true, encoding: .utf8)
        let good = try run(server, ["config", "check", file, "--set", "server.threads=2"])
        #expect(good.code == 0)
        #expect(good.output.contains("(\(file):2)"), "\(good.output)")
        #expect(good.output.contains("(--set server.threads)"))
    }
}
