import Foundation
import MartletHarness
import Testing

@Suite("Metrics of a replicated server", .timeLimit(.minutes(3)))
struct ReplicationMetricTests {
    private func read(_ server: ServedStore, _ port: UInt16) throws -> [String: Double] {
        var values: [String: Double] = [:]
        for line in try server.get("/metrics", port: port).text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard line.hasPrefix("martlet_replication_"), parts.count == 2 else { continue }
            values[String(parts[0])] = Double(parts[1].filter { $0 != "\r" })
        }
        return values
    }

    @Test("tell of a follower that is there, that hangs, and that is gone; and a send that waits")
    func story() throws {
        let port = try Connection.freePort()
        let replicas = try Replicas(keys: "metrics.listen=127.0.0.1:\(port)")
        let server = replicas.server
        // Followers are waited for from now on: nobody waits for the first of them.
        #expect(server.stop() == 0)
        try server.start(["--set", "replication.followers=1", "--set", "replication.timeout=1s"])
        let (ann, ben) = (ChatDevice("ann"), ChatDevice("ben"))
        for device in [ann, ben] {
            try device.connect(server)
            // Its follower may not be back yet; only a write that is taken says that it is.
            let isIn = waitUntil(.after(seconds: 60), everyMilliseconds: 100) {
                (try? device.enter("register")) != nil
            }
            try #require(isIn)
        }
        _ = try ann.send("one", to: ben.user, clientMessageID: "1")
        try replicas.waitForFollower()
        var now = try read(server, port)
        let follower = "{follower=\"nest\"}"
        #expect(now["martlet_replication_role{role=\"primary\"}"] == 1)
        #expect(now["martlet_replication_role{role=\"deposed\"}"] == 0)
        #expect(now["martlet_replication_followers_required"] == 1)
        #expect(now["martlet_replication_followers_attached"] == 1)
        #expect(now["martlet_replication_follower_attached" + follower] == 1)
        #expect(now["martlet_replication_waiting_commits"] == 0)
        let sequence = now["martlet_replication_primary_sequence"] ?? 0
        #expect(sequence > 0 && now["martlet_replication_acknowledged_sequence"] == sequence)
        #expect(now["martlet_replication_follower_durable_sequence" + follower] == sequence)
        #expect(now["martlet_replication_term_epoch"] == 1)

        replicas.freezeFollower()
        let answer = try ann.send("two", to: ben.user, clientMessageID: "2")
        #expect(answer["error"]?["code"] == "indefinite" && answer["error"]?["status"] == 504)
        now = try read(server, port)
        #expect(now["martlet_replication_waiting_commits"] ?? 0 >= 1)
        #expect(now["martlet_replication_waiting_bytes"] ?? 0 > 0)
        #expect(now["martlet_replication_timeouts_total"] ?? 0 >= 1)
        #expect(now["martlet_replication_follower_lag_records" + follower] ?? 0 > 0)
        #expect(now["martlet_replication_follower_lag_bytes" + follower] ?? 0 > 0)
        #expect(now["martlet_replication_follower_lag_seconds" + follower] ?? 0 > 0)
        replicas.thawFollower()
        // The repeat joins the wait, and one message comes of both.
        while true {
            let again = try ann.send("two", to: ben.user, clientMessageID: "2")
            if again["error"]?["code"] == "indefinite" { continue }
            #expect(again["number"] == 2 && again["duplicate"] == true, "\(again)")
            break
        }
        try ben.wait(messages: 2)
        #expect(ben.texts == ["one", "two"])
        replicas.killFollower()
        let isGone = try waitUntil(.after(seconds: 60)) {
            try read(server, port)["martlet_replication_followers_attached"] == 0
        }
        #expect(isGone)
        #expect(try read(server, port)["martlet_replication_follower_attached" + follower] == 0)
    }
}
