import Foundation
import MartletHarness
import Testing

@Suite("pushes to a device that is away, from outside", .serialized)
struct PushTests {
    @Test("are sealed for the browser and signed by the server, and sent again after a 503")
    func delivered() throws {
        let standIn = try PushStandIn(answering: [503, 201])
        defer { standIn.stop() }
        let browser = PushBrowser()
        let world = try PushWorld(standIn, browser)
        let (server, ann, ben) = (world.server, world.ann, world.ben)
        _ = try ann.send("come back", to: ben.user, clientMessageID: "1")
        let requests = try standIn.wait(for: 2)
        for request in requests {
            #expect(request.path == "/push/ben")
            let told = try browser.open(request)
            #expect(told["conversation"] == .string(ann.user), "\(told)")
            #expect(told["number"] == 1 && told["unread"] == 1, "\(told)")
            #expect(told["title"] == "ann" && told["text"] == "come back", "\(told)")
            let claims = try PushBrowser.claims(request, serverKey: world.serverKey)
            #expect(claims["aud"] == .string("http://127.0.0.1:\(standIn.port)"), "\(claims)")
            #expect(claims["sub"]?.string?.hasPrefix("mailto:") == true, "\(claims)")
            let now = Int(Date().timeIntervalSince1970)
            #expect((now...now + 24 * 3_600).contains(claims["exp"]?.integer ?? 0), "\(claims)")
            let life = Int(request.headers["ttl"] ?? "") ?? 0
            #expect((1...86_400).contains(life))
            #expect(request.headers["topic"]?.count == 32)
        }
        #expect(requests[0].headers["topic"] == requests[1].headers["topic"])
        #expect(requests[0].body != requests[1].body, "sealed with new keys each time")
        try world.wait(for: 1, "delivered")
        #expect(try world.has(1, "retried"))
        #expect(try server.ask("push", "list")["dead"]?.elements.isEmpty == true)
        // It is counted when the service has answered, and goes from the outbox a moment later.
        #expect(
            try waitUntil(.after(seconds: 20)) {
                try server.ask("push", "list", "--pending")["pending"]?.elements.isEmpty == true
            })
        #expect(server.stop() == 0)
    }

    @Test("that are refused are dead letters, which an operator sends again or drops")
    func dead() throws {
        let standIn = try PushStandIn(answering: [400, 201, 400])
        defer { standIn.stop() }
        let browser = PushBrowser()
        let world = try PushWorld(standIn, browser)
        let (server, ann, ben) = (world.server, world.ann, world.ben)
        _ = try ann.send("one", to: ben.user, clientMessageID: "1")
        try world.wait(for: 1, "dead")
        #expect(try world.has(1, "rejected"))
        let dead = try #require(try server.ask("push", "list")["dead"]?.elements.first)
        #expect(dead["user"] == .string(ben.user), "\(dead)")
        #expect(dead["conversation"] == .string(ann.user), "\(dead)")
        #expect(dead["reason"]?.string?.contains("400") == true, "\(dead)")
        let id = try #require(dead["id"]?.string)
        #expect(try server.command("push", "list").output.contains(id))
        let retried = try server.command("push", "retry", id)
        #expect(retried.output == "1 in the outbox again\n", "\(retried)")
        #expect(try browser.open(try standIn.wait(for: 2)[1])["text"] == "one")
        try world.wait(for: 1, "delivered")
        #expect(try server.ask("push", "list")["dead"]?.elements.isEmpty == true)

        _ = try ann.send("two", to: ben.user, clientMessageID: "2")
        try world.wait(for: 2, "dead")
        #expect(try server.command("push", "drop", "--all").output == "1 dropped\n")
        #expect(try server.ask("push", "list")["dead"]?.elements.isEmpty == true)
        #expect(try server.command("push", "retry", id).code == 1)
        #expect(server.stop() == 0)
        #expect(try server.ask("push", "list")["dead"]?.elements.isEmpty == true)
    }

    @Test("end with the subscription when the service says that it is gone", arguments: [404, 410])
    func gone(_ status: Int) throws {
        let standIn = try PushStandIn(answering: [status])
        defer { standIn.stop() }
        let browser = PushBrowser()
        let world = try PushWorld(standIn, browser)
        let (server, ann, ben) = (world.server, world.ann, world.ben)
        _ = try ann.send("one", to: ben.user, clientMessageID: "1")
        try world.wait(for: 1, "gone")
        #expect(try server.ask("push", "list")["dead"]?.elements.isEmpty == true)
        try ben.connect(server)
        let again = PushBrowser()
        try world.subscribe(standIn, again, "again")
        _ = try ann.send("two", to: ben.user, clientMessageID: "2")
        let requests = try standIn.wait(for: 2)
        #expect(requests.map(\.path) == ["/push/ben", "/push/again"])
        #expect(try again.open(requests[1])["text"] == "two")
        #expect(server.stop() == 0)
    }
}

/// A server that may push to this machine, with ann, who stays, and ben, who has subscribed and
/// gone.
private struct PushWorld {
    let server: ServedStore
    let ann = ChatDevice("ann")
    let ben = ChatDevice("ben")
    let serverKey: String
    private let metricsPort: UInt16

    init(_ standIn: PushStandIn, _ browser: PushBrowser) throws {
        metricsPort = try Connection.freePort()
        server = try ServedStore(
            "--push-allow", "127.0.0.0/8", "--push-allow-http", "--set",
            "metrics.listen=127.0.0.1:\(metricsPort)")
        let hi = try ann.connect(server)
        try ben.connect(server)
        for device in [ann, ben] { try device.enter("register") }
        serverKey = try #require(hi["push"]?["vapid"]?.string)
        try subscribe(standIn, browser, "ben")
    }

    func subscribe(_ standIn: PushStandIn, _ browser: PushBrowser, _ name: String) throws {
        let answer = try ben.request(
            "subscribe", browser.subscription("http://127.0.0.1:\(standIn.port)/push/\(name)"))
        #expect(answer["kind"] == "web", "\(answer)")
        ben.cut()
    }

    /// Whether so many pushes have ended so.
    func has(_ count: Int, _ outcome: String) throws -> Bool {
        try server.get("/metrics", port: metricsPort).text.contains(
            "martlet_pushes_total{outcome=\"\(outcome)\"} \(count)\n")
    }

    /// Waits until so many pushes have ended so.
    func wait(for count: Int, _ outcome: String) throws {
        // Only the metrics tell.
        guard try waitUntil(.after(seconds: 60), { try has(count, outcome) }) else {
            throw HarnessError("not \(count) pushes \(outcome)")
        }
    }
}
