import Foundation
import MartletHarness
import Testing

@Suite("A follower that serves reads", .serialized, .timeLimit(.minutes(5)))
struct FollowerReadTests {
    private let pair: ServedPair
    private let ann = ChatDevice("ann")
    private let bea = ChatDevice("bea")

    /// Both are in at the primary, and have said one thing.
    init() throws {
        pair = try ServedPair()
        try pair.register(ann, bea)
        _ = try ann.send("hello", to: bea.user, clientMessageID: "a-1")
        try bea.wait(messages: 1)
        try ann.wait(messages: 1)
    }

    private var primary: JSON { .string("http://127.0.0.1:\(pair.one.port)") }

    @Test("lets in who has a token, goes on from the cursor, and tells what comes as it comes")
    func reads() throws {
        bea.cut()
        let hi = try bea.connect(port: pair.port)
        #expect(hi["session"]?["user"]?.string == bea.user)
        #expect(hi["readOnly"]?["primary"] == primary)
        #expect((hi["readOnly"]?["position"]?.integer ?? 0) > 0)
        #expect(hi["servers"]?.elements == [primary])
        #expect(hi["epoch"]?.integer == bea.epoch)
        try bea.sync()
        let start = try bea.request("start", [:])
        #expect(start["conversations"]?.elements.first?["lastMessage"]?["text"] == "hello")
        let position = start["position"]?.integer ?? 0
        #expect(position > 0)

        _ = try ann.send("are you there?", to: bea.user, clientMessageID: "a-2")
        try bea.wait(messages: 2)
        #expect(bea.texts == ["hello", "are you there?"])
        let page = try bea.request(
            "sync", ["epoch": .integer(bea.epoch), "seq": .integer(bea.last)])
        #expect(page["events"]?.elements == [])
        #expect((page["position"]?.integer ?? 0) > position)
        let history = try bea.request("history", ["conversation": .string(ann.user)])
        #expect(
            history["messages"]?.elements.compactMap { $0["text"]?.string } == bea.texts)
    }

    @Test("a poll that waits there is answered when its primary has stored something")
    func polls() throws {
        let waiting = try Connection(port: pair.port)
        try waiting.post(
            "/v1/poll",
            [
                "epoch": .integer(bea.epoch), "seq": .integer(bea.last), "timeout": 8,
            ], token: bea.token)
        _ = try ann.send("news", to: bea.user, clientMessageID: "a-2")
        let (status, answer) = try waiting.readAnswer()
        #expect(status == 200)
        let texts = answer["sync"]?["events"]?.elements.compactMap {
            $0["message"]?["text"]?.string
        }
        #expect(texts == ["news"])
    }

    @Test("refuses all that is to be stored, and says who takes it")
    func refusals() throws {
        bea.cut()
        try bea.connect(port: pair.port)
        let peer = JSON.string(ann.user)
        let requests: [(String, JSON)] = [
            ("send", ["conversation": peer, "clientMessageID": "b-1", "text": "x"]),
            ("edit", ["conversation": peer, "number": 1, "text": "x"]),
            ("delete", ["conversation": peer, "number": 1, "for": "all"]),
            ("delivered", ["conversation": peer, "upTo": 1]),
            ("read", ["conversation": peer, "upTo": 1]),
            ("create", ["name": "g", "members": .array([]), "clientMessageID": "b-2"]),
            ("contact", ["user": peer, "action": "request"]),
            ("block", ["user": peer, "blocked": true]),
            ("settings", ["receipts": false]),
            ("mute", ["conversation": peer, "until": 0]),
            ("join", ["link": "q83vEjRWeJCrze8SNFZ4kA"]),
            ("presence", ["contacts": true]), ("watch", ["users": .array([peer])]),
            ("typing", ["conversation": peer]), ("revoke", ["device": "0000000000000001"]),
            ("password", ["old": "correct horse", "new": "battery staple"]),
            ("subscribe", ["kind": "fcm", "token": "x"]), ("unsubscribe", [:]), ("logout", [:]),
        ]
        for (verb, body) in requests {
            let error = try bea.request(verb, body)["error"]
            #expect(error?["code"] == "read_only", "\(verb): \(String(describing: error))")
            #expect(error?["status"] == 503)
            #expect(error?["primary"] == primary)
        }
        let login = ChatDevice("ann")
        try login.connect(port: pair.port)
        let refused = try login.request(
            "login", ["name": "ann", "password": "correct horse"])["error"]
        #expect(refused?["code"] == "read_only")
        // The session is as it was.
        #expect(try bea.request("devices", [:])["devices"]?.elements.count == 1)
    }

    @Test("ends the sessions that end at its primary")
    func ends() throws {
        bea.cut()
        try bea.connect(port: pair.port)
        try bea.sync()
        let other = ChatDevice("bea")
        try other.connect(pair.one)
        try other.enter("login")
        _ = try other.request(
            "password", ["old": "correct horse", "new": "battery staple"])
        #expect(try bea.waitForClose() == 3502)
    }

    @Test("is alive and not ready, and counts where it stands")
    func health() throws {
        #expect(try pair.one.get("/healthz", port: pair.port).status == 200)
        #expect(try pair.one.get("/readyz", port: pair.port).status == 503)
        let page = try pair.one.get("/", port: pair.port).text
        #expect(
            page.contains(
                "connect-src 'self' http://127.0.0.1:\(pair.one.port) "
                    + "ws://127.0.0.1:\(pair.one.port);"))
        let metrics = try pair.one.get("/metrics", port: pair.metricsPort).text
        #expect(metrics.contains("martlet_follower_serving 1"))
        #expect(metrics.contains("martlet_follower_following 1"))
        #expect(metrics.contains("martlet_sockets 0"))
    }
}
