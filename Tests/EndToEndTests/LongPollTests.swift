import MartletHarness
import Testing

/// A device that only speaks HTTP.
@Suite("the door for single requests and polls", .serialized)
struct LongPollTests {
    private struct Device {
        var user = ""
        var token = ""
    }

    private func register(_ name: String, _ server: ServedStore) throws -> Device {
        let (status, answer) = try server.call(
            ["register": ["name": .string(name), "password": "correct horse"]])
        #expect(status == 200)
        return Device(
            user: answer["register"]?["user"]?.string ?? "",
            token: answer["register"]?["token"]?.string ?? "")
    }

    private func send(
        _ text: String, from device: Device, to peer: Device, _ server: ServedStore
    ) throws {
        let (status, answer) = try server.call(
            [
                "id": "s",
                "send": [
                    "conversation": .string(peer.user), "clientMessageID": .string(text),
                    "text": .string(text),
                ],
            ], token: device.token)
        #expect(status == 200)
        #expect(answer["id"] == "s")
    }

    @Test("messages reach a parked poll, and a lost answer is served again")
    func exchange() throws {
        let server = try ServedStore()
        let (ann, bea) = (try register("ann", server), try register("bea", server))
        let start = try server.post("/v1/poll", ["epoch": 0, "seq": 0], token: bea.token)
        #expect(start.answer["sync"]?["reset"] == true)
        let epoch = start.answer["sync"]?["epoch"] ?? 0
        let parked = try Connection(port: server.port)
        try parked.post(
            "/v1/poll", ["epoch": epoch, "seq": 0, "timeout": 50], token: bea.token)
        try send("one", from: ann, to: bea, server)
        let first = try parked.readAnswer()
        #expect(first.status == 200)
        #expect(
            first.answer["sync"]?["events"]?.elements.first?["message"]?["text"] == "one")
        let again = try server.post(
            "/v1/poll", ["epoch": epoch, "seq": 0, "timeout": 50], token: bea.token)
        #expect(again.answer == first.answer)
        let seq = first.answer["sync"]?["seq"] ?? 0
        let empty = try server.post(
            "/v1/poll", ["epoch": epoch, "seq": seq, "timeout": 0], token: bea.token)
        #expect(empty.answer["sync"]?["events"] == .array([]))
        #expect(empty.answer["sync"]?["seq"] == seq)
    }

    @Test("a socket and polls share one cursor")
    func mixed() throws {
        let server = try ServedStore()
        let ann = try register("ann", server)
        let bea = ChatDevice("bea")
        try bea.connect(server)
        try bea.enter("register")
        try send("one", from: ann, to: Device(user: bea.user), server)
        try bea.wait(messages: 1)
        bea.cut()
        try send("two", from: ann, to: Device(user: bea.user), server)
        let page = try server.post(
            "/v1/poll",
            ["epoch": .integer(bea.epoch), "seq": .integer(bea.last), "timeout": 10],
            token: bea.token)
        let texts = page.answer["sync"]?["events"]?.elements.compactMap {
            $0["message"]?["text"]?.string
        }
        #expect(texts == ["two"])
        try bea.connect(server)
        try bea.sync()
        #expect(bea.texts == ["one", "two"])
    }

    @Test("a stop answers parked polls with an empty page")
    func drain() throws {
        let server = try ServedStore()
        let ann = try register("ann", server)
        let parked = try Connection(port: server.port)
        try parked.post("/v1/poll", ["epoch": 1, "seq": 0, "timeout": 50], token: ann.token)
        // A second request with an answer: by then the first one is parked.
        _ = try server.call(["find": ["name": "ann"]], token: ann.token)
        #expect(server.stop() == 0)
        let answer = try parked.readAnswer()
        #expect(answer.status == 200)
        #expect(answer.answer["sync"]?["events"] == .array([]))
    }

    @Test("after a log-out the token is worth nothing, on either door")
    func revoked() throws {
        let server = try ServedStore()
        let ann = ChatDevice("ann")
        try ann.connect(server)
        try ann.enter("register")
        let parked = try Connection(port: server.port)
        try parked.post(
            "/v1/poll", ["epoch": .integer(ann.epoch), "seq": 0, "timeout": 50], token: ann.token)
        _ = try server.call(["find": ["name": "ann"]], token: ann.token)
        #expect(try server.call(["logout": [:]], token: ann.token).status == 200)
        #expect(try parked.readAnswer().status == 401)
        #expect(try ann.waitForClose() == 3502)
        #expect(try server.call(["find": ["name": "ann"]], token: ann.token).status == 401)
        let hi = try ann.connect(server)
        #expect(hi["error"]?["code"] == "unauthorized")
    }
}
