import MartletChat
import MartletServer
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

@Suite("Presence on sockets")
struct PresenceSocketTests {
    private let two = "0000000000000002"
    private let nine = "0000000000000009"

    private func online(_ id: String) -> String {
        #"{"presence":{"user":"\#(id)","state":"online"}}"#
    }

    @Test("presence tells who is online, who is not and since when, and who may not be seen")
    func pull() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        _ = try fixture.connect(2)
        _ = try fixture.connect(9)
        #expect(
            try fixture.say(
                #"{"id":"1","presence":{"users":["\#(two)","0000000000000003","\#(nine)"]}}"#,
                on: ann) == [
                    #"{"id":"1","presence":{"presence":[{"user":"\#(two)","state":"online"},"#
                        + #"{"user":"0000000000000003","state":"offline","lastSeen":5},"#
                        + #"{"user":"\#(nine)","state":"unknown"}]}}"#
                ])
    }

    @Test("a watch is answered with the states, and the coming-online is pushed three seconds late")
    func watch() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        #expect(
            try fixture.say(#"{"id":"1","watch":{"users":["\#(two)","\#(nine)"]}}"#, on: ann) == [
                #"{"id":"1","watch":{"presence":[{"user":"\#(two)","state":"offline","#
                    + #""lastSeen":5},{"user":"\#(nine)","state":"unknown"}]}}"#
            ])
        _ = try fixture.connect(2)
        _ = try fixture.connect(9)
        fixture.tick(2)
        #expect(try fixture.frames(of: ann) == [])
        fixture.tick(1)
        #expect(try fixture.frames(of: ann) == [online(two)])
    }

    @Test("a new watch takes the place of the old one")
    func replaced() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        _ = try fixture.say(#"{"watch":{"users":["\#(two)"]}}"#, on: ann)
        _ = try fixture.say(#"{"watch":{"users":[]}}"#, on: ann)
        _ = try fixture.connect(2)
        fixture.tick(5)
        #expect(try fixture.frames(of: ann) == [])
    }

    @Test("a renewed token keeps the watch, a logout ends it")
    func sessions() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        _ = try fixture.say(#"{"watch":{"users":["\#(two)"]}}"#, on: ann)
        _ = try fixture.say(#"{"auth":{"token":"1"}}"#, on: ann)
        let bea = try fixture.connect(2)
        fixture.tick(3)
        #expect(try fixture.frames(of: ann) == [online(two)])
        try fixture.leave(bea)
        fixture.tick(11)
        _ = try fixture.frames(of: ann)
        _ = try fixture.say(#"{"logout":{}}"#, on: ann)
        _ = try fixture.connect(2)
        fixture.tick(5)
        #expect(try fixture.frames(of: ann) == [])
    }

    @Test("who has gone is stored as last seen when the grace is over")
    func lastSeen() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        try fixture.leave(ann)
        fixture.tick(9)
        #expect(fixture.recorded.withLockedValue { $0 } == [])
        fixture.tick(1)
        let seen = LastSeen(user: UserID(rawValue: 1), at: 1_000_000)
        #expect(fixture.recorded.withLockedValue { $0 } == [seen])
    }

    @Test("who polls is online, also between two polls")
    func polls() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        func isOnline() throws -> Bool {
            let answer = try fixture.say(#"{"presence":{"users":["\#(two)"]}}"#, on: ann)
            return answer.joined().contains("online")
        }
        #expect(try !isOnline())
        let poll = try fixture.poll(2, timeout: 3)
        #expect(try isOnline())
        fixture.tick(4)
        #expect(try poll.readOutbound(as: ByteBuffer.self) != nil, "the poll is over")
        fixture.tick(20)
        #expect(try isOnline())
        fixture.tick(10)
        #expect(try !isOnline())
    }

    @Test("the answer to a send tells how the peer is, where the sender may know")
    func send() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        func peer(_ id: String) throws -> String {
            try fixture.say(
                #"{"send":{"conversation":"\#(id)","clientMessageID":"c","text":"x"}}"#, on: ann
            ).joined()
        }
        #expect(try peer(two).hasSuffix(#""duplicate":false,"peer":"offline"}}"#))
        _ = try fixture.connect(2)
        #expect(try peer(two).hasSuffix(#""duplicate":false,"peer":"online"}}"#))
        #expect(try peer(nine).hasSuffix(#""duplicate":false}}"#))
    }

    @Test("a moved cursor is told to the sockets that look at the group")
    func receipt() throws {
        let fixture = try PresenceFixture()
        let (ann, bea, eve) = (
            try fixture.connect(1), try fixture.connect(2), try fixture.connect(3)
        )
        let group = PresenceFixture.group
        _ = try fixture.say(#"{"watch":{"users":[],"conversations":["\#(group)"]}}"#, on: ann)
        for number in 6...7 {
            _ = try fixture.say(
                #"{"read":{"conversation":"\#(group)","upTo":\#(number)}}"#, on: bea)
        }
        fixture.tick(1)
        #expect(
            try fixture.frames(of: ann) == [
                #"{"receipt":{"conversation":"\#(group)","user":"\#(two)","delivered":8,"read":7}}"#
            ])
        #expect(try fixture.frames(of: eve) == [])
    }

    @Test(
        "a watch set has bounds",
        arguments: [(64, 8, true), (65, 0, false), (0, 9, false)])
    func bounds(_ users: Int, _ conversations: Int, _ isTaken: Bool) throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        func list(_ count: Int) -> String {
            Array(repeating: #""\#(nine)""#, count: count).joined(separator: ",")
        }
        let answer = try fixture.say(
            #"{"watch":{"users":[\#(list(users))],"conversations":[\#(list(conversations))]}}"#,
            on: ann)
        #expect(answer.joined().contains("bad_request") == !isTaken)
    }
}
