import MartletHarness
import Testing

@Suite("messages between two clients", .serialized)
struct MessageTests {
    private func pair(_ server: ServedStore) throws -> (ann: ChatDevice, bea: ChatDevice) {
        let devices = (ann: ChatDevice("ann"), bea: ChatDevice("bea"))
        for device in [devices.ann, devices.bea] {
            try device.connect(server)
            try device.enter("register")
        }
        return devices
    }

    @Test("two who registered find each other and exchange messages")
    func exchange() throws {
        let server = try ServedStore()
        let (ann, bea) = try pair(server)
        #expect(try ann.request("find", ["name": "Bea"])["user"]?.string == bea.user)
        let first = try ann.send("hello", to: bea.user, clientMessageID: "a-1")
        #expect(first["number"] == 1)
        try bea.wait(messages: 1)
        #expect(try bea.send("hello too", to: ann.user, clientMessageID: "b-1")["number"] == 2)
        try ann.wait(messages: 2)
        try bea.wait(messages: 2)
        #expect(ann.texts == ["hello", "hello too"])
        #expect(bea.texts == ann.texts)
        let page = try bea.request("history", ["conversation": .string(ann.user)])
        #expect(page["messages"]?.elements.compactMap { $0["text"]?.string } == bea.texts)
    }

    @Test("a repeated send gives the first result, on another socket and after a crash too")
    func repeated() throws {
        let server = try ServedStore()
        let (ann, bea) = try pair(server)
        let first = try ann.send("once", to: bea.user, clientMessageID: "a-1")
        #expect(first["duplicate"] == false)
        let second = try ann.send("once", to: bea.user, clientMessageID: "a-1")
        server.kill()
        try server.start()
        try ann.connect(server)
        let third = try ann.send("once", to: bea.user, clientMessageID: "a-1")
        for answer in [second, third] {
            #expect(answer["duplicate"] == true)
            for key in ["number", "seq", "sentAt"] { #expect(answer[key] == first[key]) }
        }
        try bea.connect(server)
        try bea.sync()
        #expect(bea.texts == ["once"])
    }

    @Test("what was acknowledged survives kill -9, and both resume without loss or duplicate")
    func crash() throws {
        let server = try ServedStore()
        let (ann, bea) = try pair(server)
        var sent: [String] = []
        for round in 0..<3 {
            for index in 0..<20 {
                let text = "\(round).\(index)"
                let device = index % 3 == 0 ? bea : ann
                let peer = index % 3 == 0 ? ann : bea
                let answer = try device.send(text, to: peer.user, clientMessageID: text)
                sent.append(text)
                #expect(answer["number"]?.integer == sent.count)
            }
            server.kill()
            try server.start()
            for device in [ann, bea] {
                try device.connect(server)
                try device.sync()
                #expect(device.texts == sent)
            }
        }
    }

    @Test("a device that was away catches up page by page, in order")
    func away() throws {
        let server = try ServedStore("--no-limits")
        let (ann, bea) = try pair(server)
        bea.cut()
        let texts = (1...250).map(String.init)
        for text in texts { _ = try ann.send(text, to: bea.user, clientMessageID: text) }
        try bea.connect(server)
        try bea.sync()
        #expect(bea.texts == texts)
        let list = try bea.request("conversations", [:])["conversations"]?.elements ?? []
        #expect(list.first?["unread"] == 250)
        try bea.request("read", ["conversation": .string(ann.user), "upTo": 250])
        let after = try bea.request("conversations", [:])["conversations"]?.elements ?? []
        #expect(after.first?["unread"] == 0)
    }
}
