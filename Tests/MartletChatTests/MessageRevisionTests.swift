import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("Edited and deleted messages")
struct MessageRevisionTests {
    private let second: UInt64 = 1_000_000

    @Test("an author edits and deletes within the windows, and never after, nor where they are 0")
    func windows() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock) {
            $0.editWindow = 60_000_000
            $0.deleteWindow = 120_000_000
        }
        let users = try fixture.users("ann", "bea")
        for id in [ConversationID(with: users[1]), try await fixture.group(users[0], [users[1]])] {
            let first = try await fixture.say(users[0], id, "one").number
            _ = try await fixture.say(users[0], id, "two").number
            clock.advance(microseconds: 60 * second)
            try await fixture.edit(users[0], id, first, "1")
            clock.advance(microseconds: 1)
            #expect(
                await refusal { try await fixture.edit(users[0], id, first, "I") } == .tooLate)
            // The same text again is no edit.
            try await fixture.edit(users[0], id, first, "1")
            clock.advance(microseconds: 60 * second - 1)
            try await fixture.deleteForAll(users[0], id, first)
            clock.advance(microseconds: 1)
            let late = await refusal { try await fixture.deleteForAll(users[0], id, first + 1) }
            // A group's owner is not bound.
            #expect(late == (id.isGroup ? nil : .tooLate))
            let again = try await fixture.deleteForAll(users[0], id, first)
            #expect(again >= 2)
        }
        // A clock that steps back opens no door that was never shut, and shuts none.
        clock.set(1_000)
        let number = try await fixture.send(users[0], users[1], "x").number
        clock.set(500)
        try await fixture.edit(users[0], ConversationID(with: users[1]), number, "y")
        #expect(try fixture.verify().errors == [])
    }

    @Test("a window of 0 allows nothing, and without one there is no end")
    func extremes() async throws {
        let clock = SimulatedClock()
        for (window, allowed) in [(UInt64(0), false), (nil, true)] {
            let fixture = try ChatFixture(clock: clock) {
                $0.editWindow = window
                $0.deleteWindow = window
            }
            let users = try fixture.users("ann", "bea")
            let id = ConversationID(with: users[1])
            let number = try await fixture.send(users[0], users[1], "x").number
            if allowed { clock.advance(microseconds: 1 << 50) }
            let edit = await refusal { try await fixture.edit(users[0], id, number, "y") }
            let delete = await refusal { try await fixture.deleteForAll(users[0], id, number) }
            #expect(edit == (allowed ? nil : .tooLate) && delete == edit)
        }
    }

    @Test("both sides see the change and get an event; repeats store nothing")
    func converges() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let (withBea, withAnn) = (ConversationID(with: users[1]), ConversationID(with: users[0]))
        _ = try await fixture.send(users[0], users[1], "helo", "1")
        _ = try await fixture.say(users[1], withAnn, "hi", replyTo: 1)
        #expect(try await fixture.edit(users[0], withBea, 1, "hello") == 1)
        #expect(try await fixture.edit(users[0], withBea, 1, "hello") == 1)
        #expect(try await fixture.deleteForAll(users[1], withAnn, 2) == 1)
        #expect(try await fixture.deleteForAll(users[1], withAnn, 2) == 1)
        #expect(
            await refusal { try await fixture.edit(users[1], withAnn, 2, "x") } == .notFound)
        try fixture.reopen()
        for (user, id) in [(users[0], withBea), (users[1], withAnn)] {
            let messages = try await fixture.history(user, id).messages
            #expect(messages.map(\.text) == ["hello", ""])
            #expect(messages.map(\.removal) == [nil, .forAll])
            #expect(messages.map(\.replyTo) == [nil, nil])
            #expect(messages[0].editedAt != nil)
            #expect(
                messages.map { $0.clientMessageID != nil } == messages.map { $0.sender == user })
            let changes = try await fixture.kinds(user).filter {
                if case .changed = $0 { true } else { false }
            }
            #expect(changes == messages.map { .changed($0) })
        }
        #expect(try fixture.verify().errors == [])
    }

    @Test("a message may be edited before its send is answered, and none of it is lost")
    func early() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let id = ConversationID(with: users[1])
        for number: UInt64 in 1...50 {
            async let sent = fixture.send(users[0], users[1], "x")
            // Somebody guesses the number; whatever comes of it, the message is there afterwards.
            async let guessed = refusal {
                try await fixture.deleteForMe(users[1], ConversationID(with: users[0]), number)
            }
            async let edited = refusal { try await fixture.edit(users[0], id, number, "early") }
            _ = try await (sent, guessed, edited)
            try await fixture.edit(users[0], id, number, "late")
            try await fixture.deleteForMe(users[1], ConversationID(with: users[0]), number)
        }
        #expect(try await fixture.history(users[0], id).messages.allSatisfy { $0.text == "late" })
        #expect(try fixture.verify().errors == [])
    }

    @Test("deleted for me is deleted on all own devices, for nobody else, and stays so")
    func forMe() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0], [users[1]])
        let withAnn = ConversationID(with: users[0])
        for (mine, theirs) in [(group, group), (withAnn, ConversationID(with: users[1]))] {
            let number = try await fixture.say(users[0], theirs, "secret").number
            let before = try await fixture.events(users[1]).cursor.seq
            for _ in 1...2 { try await fixture.deleteForMe(users[1], mine, number) }
            // Another device, which slept, converges through its inbox.
            guard
                case .changed(let change)? = try await fixture.kinds(users[1], after: before).first
            else {
                Issue.record("no event")
                continue
            }
            #expect(change.removal == .forMe && change.text == "")
            #expect(try await fixture.kinds(users[1], after: before).count == 1)
            // Neither an edit nor a deletion for all brings it back.
            try await fixture.edit(users[0], theirs, number, "secret too")
            #expect(try await fixture.history(users[0], theirs).messages.last?.text == "secret too")
            try fixture.reopen()
            for kind in try await fixture.kinds(users[1], after: before - 1) {
                guard case .changed(let message) = kind else { continue }
                #expect(message.removal == .forMe && message.text == "")
            }
            let last = try await fixture.history(users[1], mine).messages.last
            #expect(last?.removal == .forMe && last?.text == "")
            #expect(
                try await fixture.start(users[1]).conversations.allSatisfy {
                    $0.messages.allSatisfy { $0.number != number || $0.text.isEmpty }
                })
        }
        #expect(try fixture.verify().errors == [])
    }

    @Test("what is kept in memory for the next device keeps deleted what its user has deleted")
    func recent() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0], [users[1]])
        let number = try await fixture.say(users[0], group, "secret").number
        try await fixture.deleteForMe(users[1], group, number)
        _ = try await fixture.start(users[1])
        try await fixture.edit(users[0], group, number, "secret too")
        let page = try await fixture.start(users[1])
        #expect(page.conversations[0].messages.last?.text == "")
        #expect(page.conversations[0].summary.lastMessage?.removal == .forMe)
    }
}
