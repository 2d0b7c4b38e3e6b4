import MartletChat
import MartletServer
import NIOEmbedded
import Testing

@Suite("Typing")
struct TypingTests {
    private let done = [#"{"id":"1","typing":{}}"#]

    private func typing(_ conversation: ConversationID) -> String {
        #"{"id":"1","typing":{"conversation":"\#(conversation)"}}"#
    }

    private func told(_ conversation: String) -> String {
        #"{"typing":{"conversation":"\#(conversation)","user":"0000000000000001"}}"#
    }

    @Test("the peer's sockets are told, nobody else is")
    func peer() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        let devices = [try fixture.connect(2), try fixture.connect(2)]
        let eve = try fixture.connect(3)
        #expect(try fixture.say(typing(ConversationID(rawValue: 2)), on: ann) == done)
        for device in devices {
            #expect(try fixture.frames(of: device) == [told("0000000000000001")])
        }
        #expect(try fixture.frames(of: eve) == [])
    }

    @Test("one notice in two seconds is passed on for each conversation, the others are answered")
    func throttle() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        let bea = try fixture.connect(2)
        let eve = try fixture.connect(3)
        for _ in 0..<3 {
            #expect(try fixture.say(typing(ConversationID(rawValue: 2)), on: ann) == done)
        }
        #expect(try fixture.say(typing(ConversationID(rawValue: 3)), on: ann) == done)
        #expect(try fixture.frames(of: bea).count == 1)
        #expect(try fixture.frames(of: eve).count == 1)
        fixture.tick(1)
        _ = try fixture.say(typing(ConversationID(rawValue: 2)), on: ann)
        #expect(try fixture.frames(of: bea) == [])
        fixture.tick(1)
        _ = try fixture.say(typing(ConversationID(rawValue: 2)), on: ann)
        #expect(try fixture.frames(of: bea).count == 1)
    }

    @Test("in a group the other members who are there are told, under the group's id")
    func group() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        let bea = try fixture.connect(2)
        let group = PresenceFixture.group
        #expect(try fixture.say(typing(group), on: ann) == done)
        #expect(try fixture.frames(of: bea) == [told("\(group)")])
    }

    @Test("who does not want it is not told, and the answer is the same")
    func blocked() throws {
        let fixture = try PresenceFixture()
        let ann = try fixture.connect(1)
        let hidden = try fixture.connect(9)
        #expect(try fixture.say(typing(ConversationID(rawValue: 9)), on: ann) == done)
        #expect(try fixture.frames(of: hidden) == [])
    }
}
