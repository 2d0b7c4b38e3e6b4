import MartletServer
import NIOCore
import NIOEmbedded
import Testing

@Suite("Metrics of presence")
struct PresenceMetricTests {
    private func count(_ kind: String, _ fixture: PresenceFixture) throws -> Int {
        let name = "martlet_presence_total{kind=\"\(kind)\"} "
        let line = fixture.registry.text().split(separator: "\n").first { $0.hasPrefix(name) }
        return try #require(line.flatMap { Int($0.dropFirst(name.count)) })
    }

    private func watch(_ users: Int...) -> String {
        let list = users.map { "\"000000000000000\($0)\"" }.joined(separator: ",")
        return #"{"id":"1","watch":{"users":[\#(list)]}}"#
    }

    @Test("states that are asked for count one by one, pushes by the sockets that get them")
    func pulledAndPushed() throws {
        let fixture = try PresenceFixture()
        let (ann, eve) = (try fixture.connect(1), try fixture.connect(3))
        _ = try fixture.say(watch(2, 4), on: ann)
        _ = try fixture.say(watch(2), on: eve)
        #expect(try count("pulled", fixture) == 3)
        #expect(try count("pushed", fixture) == 0)
        _ = try fixture.connect(2)
        fixture.tick(5)
        #expect(try count("pushed", fixture) == 2)
        #expect(try count("flap", fixture) == 0)
        #expect(try count("deferred", fixture) == 0)
    }

    @Test("who is back within the grace, or gone again before it is told, is a flap")
    func flaps() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        _ = try fixture.say(watch(2, 3), on: ann)
        let bea = try fixture.connect(2)
        fixture.tick(5)
        try fixture.leave(bea)
        fixture.tick(2)
        _ = try fixture.connect(2)
        fixture.tick(5)
        #expect(try count("flap", fixture) == 1)
        let cid = try fixture.connect(3)
        fixture.tick(1)
        try fixture.leave(cid)
        fixture.tick(5)
        #expect(try count("flap", fixture) == 2)
        #expect(try count("pushed", fixture) == 1)
    }

    @Test("a second that has no room for what is due is deferred")
    func deferred() throws {
        var rules = PresenceRules()
        rules.pushesPerTick = 2
        let fixture = try PresenceFixture(rules)
        let ann = try fixture.connect(1)
        _ = try fixture.say(watch(2, 3, 4), on: ann)
        for user in 2...4 { _ = try fixture.connect(UInt64(user)) }
        fixture.tick(8)
        #expect(try count("pushed", fixture) == 3)
        #expect(try count("deferred", fixture) == 2)
    }
}
