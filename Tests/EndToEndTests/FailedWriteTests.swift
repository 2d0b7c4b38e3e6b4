import Foundation
import MartletHarness
import Testing

@Suite("messages that cannot be stored, from outside", .serialized)
struct FailedWriteTests {
    /// No disk has so much left: the store takes nothing.
    private static let full = ["--set", "store.disk_reserve=1024GiB"]

    @Test("are kept, listed, and stored once when the cause is gone, without their sender")
    func kept() throws {
        let server = try ServedStore()
        let (ann, ben) = (ChatDevice("ann"), ChatDevice("ben"))
        for device in [ann, ben] {
            try device.connect(server)
            try device.enter("register")
        }
        #expect(try ann.send("before", to: ben.user, clientMessageID: "0")["number"] == 1)
        #expect(server.stop() == 0)

        let port = try Connection.freePort()
        try server.start(Self.full + ["--set", "metrics.listen=127.0.0.1:\(port)"])
        try ann.connect(server)
        for (id, text) in [("1", "one"), ("2", "two"), ("3", "three")] {
            let answer = try ann.send(text, to: ben.user, clientMessageID: id)
            #expect(answer["error"]?["code"] == "unavailable", "\(answer)")
            #expect(answer["error"]?["kept"] == .bool(true), "\(answer)")
        }
        let listed = try server.ask("failed", "list")
        #expect(listed["failed"]?.elements.map { $0["clientMessageID"] } == ["1", "2", "3"])
        #expect(listed["failed"]?.elements.allSatisfy { $0["state"] == "waiting" } == true)
        let table = try server.command("failed", "list")
        #expect(table.output.contains(ann.user) && table.output.contains("the disk is full"))
        #expect(!table.output.contains("three"), "a list is no place for what people write")
        let third = "\(listed["failed"]?.elements.last?["id"]?.integer ?? 0)"
        #expect(try server.command("failed", "drop", third).output == "\(third) is dropped\n")
        #expect(try server.command("failed", "drop", third).code == 1)
        let tried = try server.ask("failed", "retry", "--all")
        #expect(tried["waiting"] == 2 && tried["stored"] == 0, "\(tried)")
        let metrics = try server.get("/metrics", port: port).text
        #expect(metrics.contains("martlet_failed_requests_total{outcome=\"kept\"} 3\n"))
        #expect(metrics.contains("martlet_failed_requests{state=\"waiting\"} 2\n"))
        server.kill()

        try server.start()
        try ben.connect(server)
        try ben.sync()
        try ben.wait(messages: 3)
        #expect(ben.texts == ["before", "one", "two"])
        try ann.connect(server)
        let repeated = try ann.send("two", to: ben.user, clientMessageID: "2")
        #expect(repeated["duplicate"] == .bool(true) && repeated["number"] == 3, "\(repeated)")
        #expect(try ann.send("four", to: ben.user, clientMessageID: "4")["number"] == 4)
        #expect(try server.ask("failed", "list")["failed"]?.elements.isEmpty == true)
        #expect(server.stop() == 0)
        #expect(try server.command("verify").code == 0)
    }

    @Test("can be looked after while no server runs")
    func offline() throws {
        let server = try ServedStore()
        let (ann, ben) = (ChatDevice("ann"), ChatDevice("ben"))
        for device in [ann, ben] {
            try device.connect(server)
            try device.enter("register")
        }
        #expect(server.stop() == 0)
        try server.start(Self.full)
        try ann.connect(server)
        _ = try ann.send("late", to: ben.user, clientMessageID: "1")
        #expect(server.stop() == 0)
        let listed = try server.ask("failed", "list")
        #expect(listed["failed"]?.elements.count == 1, "\(listed)")
        let tried = try server.command("failed", "retry", "--all")
        #expect(tried.output == "1 stored, 0 refused, 0 still waiting\n", "\(tried)")
        try server.start()
        try ben.connect(server)
        try ben.sync()
        #expect(ben.texts == ["late"])
        #expect(server.stop() == 0)
    }
}
