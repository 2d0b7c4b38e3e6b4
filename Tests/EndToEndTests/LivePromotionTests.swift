import Foundation
import MartletHarness
import Testing

@Suite("A follower that is promoted while it serves reads", .serialized, .timeLimit(.minutes(5)))
struct LivePromotionTests {
    private let pair: ServedPair
    private let ann = ChatDevice("ann")
    private let bea = ChatDevice("bea")

    init() throws {
        pair = try ServedPair()
        try pair.register(ann, bea)
        for number in 0..<20 {
            _ = try ann.send("\(number)", to: bea.user, clientMessageID: "a-\(number)")
        }
        try bea.wait(messages: 20)
    }

    private var sent: [String] { (0..<20).map(String.init) }

    @Test("goes on in its process: cursors hold, nothing acknowledged is missing, nothing doubled")
    func promotion() throws {
        // One is read to its end there, the other is on the way.
        bea.cut()
        try bea.connect(port: pair.port)
        try bea.sync()
        pair.killPrimary()
        ann.cut()
        #expect(
            try bea.request(
                "send",
                ["conversation": .string(ann.user), "clientMessageID": "b-1", "text": "x"]
            )["error"]?["code"] == "read_only")

        let promoted = try pair.promote()
        #expect(promoted.code == 0, "\(promoted.output)")
        #expect(promoted.output.contains("promoted to epoch 2"))
        #expect(promoted.output.contains("clients keep their cursors, of epoch \(bea.epoch)\n"))
        #expect(try bea.waitForClose() == 3001)
        try pair.waitForPromoted()

        let epoch = bea.epoch
        let hi = try bea.connect(port: pair.port)
        #expect(hi["readOnly"] == nil)
        #expect(hi["session"]?["user"]?.string == bea.user)
        #expect(hi["epoch"]?.integer == epoch)
        try bea.sync()
        #expect(bea.epoch == epoch)
        #expect(bea.texts == sent)

        // The last one's answer may have been lost with the machine; a new one is new.
        try ann.connect(port: pair.port)
        let repeated = try ann.send("19", to: bea.user, clientMessageID: "a-19")
        #expect(repeated["duplicate"] == .bool(true))
        let fresh = try ann.send("20", to: bea.user, clientMessageID: "a-20")
        #expect(fresh["duplicate"] == .bool(false))
        #expect(fresh["number"]?.integer == 21)
        try bea.wait(messages: 21)
        #expect(bea.texts == sent + ["20"])
        #expect(bea.epoch == epoch)
        let metrics = try pair.one.get("/metrics", port: pair.metricsPort).text
        #expect(metrics.contains("martlet_store_up 1"))
        #expect(!metrics.contains("martlet_follower_"))
        #expect(pair.stopFollower() == 0)
    }

    @Test("forced, it has an epoch of its own, and clients begin afresh")
    func forced() throws {
        bea.cut()
        try bea.connect(port: pair.port)
        pair.killPrimary()
        let promoted = try pair.promote("--force")
        let epoch = bea.epoch
        #expect(promoted.code == 0, "\(promoted.output)")
        #expect(promoted.output.contains("clients begin afresh, in epoch \(epoch + 1)\n"))
        try pair.waitForPromoted()
        let hi = try bea.connect(port: pair.port)
        #expect(hi["epoch"]?.integer == epoch + 1)
        let page = try bea.request(
            "sync", ["epoch": .integer(epoch), "seq": .integer(bea.last)])
        #expect(page["reset"] == .bool(true))
        let start = try bea.request("start", [:])
        #expect(start["conversations"]?.elements.first?["lastMessage"]?["text"] == "19")
        #expect(pair.stopFollower() == 0)
    }

    @Test("is a follower as before when the promotion is refused")
    func refused() throws {
        bea.cut()
        try bea.connect(port: pair.port)
        let port = try Connection.freePort()
        let refused = try pair.promote(
            "--fence", "1", "--wait", "1", "--listen", "127.0.0.1:\(port)")
        #expect(refused.code == 1)
        #expect(refused.output.contains("1 of 1 followers have not promised"))
        #expect(try bea.request("start", [:])["error"] == nil)
        #expect(try bea.request("typing", ["conversation": .string(ann.user)])["error"] != nil)
    }

    @Test("a stop is a stop, and nobody is promoted by it")
    func stopped() throws {
        bea.cut()
        try bea.connect(port: pair.port)
        #expect(pair.stopFollower() == 0)
        #expect(try bea.waitForClose() == 3001)
        try pair.startFollower()
        let hi = try bea.connect(port: pair.port)
        #expect(hi["readOnly"] != nil)
    }
}
