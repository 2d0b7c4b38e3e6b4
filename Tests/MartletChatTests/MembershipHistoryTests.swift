import MartletStore
import Testing

@testable import MartletChat

@Suite("History by the time of membership")
struct MembershipHistoryTests {
    private struct World {
        var fixture: ChatFixture
        var ann: UserID
        var bea: UserID
        var group: ConversationID
    }

    /// Ann says 1 to 3 (numbers 2 to 4), adds Bea (5), says 4 to 6 (6 to 8), removes her (9), and
    /// says 7 to 9 (10 to 12).
    private func world() async throws -> World {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0])
        for text in 1...3 { _ = try await fixture.say(users[0], group, "\(text)") }
        try await fixture.add(users[0], group, users[1])
        for text in 4...6 { _ = try await fixture.say(users[0], group, "\(text)") }
        try await fixture.remove(users[0], group, users[1])
        for text in 7...9 { _ = try await fixture.say(users[0], group, "\(text)") }
        return World(fixture: fixture, ann: users[0], bea: users[1], group: group)
    }

    @Test("a member reads from the notice that let them in to the one that shows them out")
    func oneStay() async throws {
        let world = try await world()
        try world.fixture.reopen()
        let fixture = world.fixture
        #expect(
            try await fixture.history(world.bea, world.group).messages.map(\.number)
                == Array(5...9))
        let older = try await fixture.history(world.bea, world.group, .before(6))
        #expect(older.messages.map(\.number) == [5] && !older.hasMore)
        let newer = try await fixture.history(world.bea, world.group, .after(7), limit: 1)
        #expect(newer.messages.map(\.number) == [8] && newer.hasMore)
        for range in [HistoryRange.after(9), .after(.max), .before(5), .before(0)] {
            #expect(try await fixture.history(world.bea, world.group, range).messages.isEmpty)
        }
        #expect(try await fixture.kinds(world.bea).count == 5)
        let summary = try await fixture.summary(world.bea, world.group)
        #expect(summary.last == 9 && summary.group?.role == nil && summary.group?.from == 5)
        #expect(summary.lastMessage?.notice?.kind == .removed && summary.unread == 4)
    }

    @Test("who comes back reads both stays, in pages over the gap")
    func twoStays() async throws {
        let world = try await world()
        let fixture = world.fixture
        try await fixture.add(world.ann, world.group, world.bea)
        for text in 10...12 { _ = try await fixture.say(world.bea, world.group, "\(text)") }
        try fixture.reopen()
        let all: [UInt64] = Array(5...9) + Array(13...16)
        #expect(
            try await fixture.history(world.bea, world.group).messages.map(\.number) == all)
        for limit in 1...9 {
            var (down, up): ([UInt64], [UInt64]) = ([], [])
            var page = try await fixture.history(world.bea, world.group, limit: limit)
            down = page.messages.map(\.number)
            while page.hasMore, let first = down.first {
                page = try await fixture.history(
                    world.bea, world.group, .before(first), limit: limit)
                down = page.messages.map(\.number) + down
            }
            page = try await fixture.history(world.bea, world.group, .after(0), limit: limit)
            up = page.messages.map(\.number)
            while page.hasMore, let last = up.last {
                page = try await fixture.history(
                    world.bea, world.group, .after(last), limit: limit)
                up += page.messages.map(\.number)
            }
            #expect(down == all && up == all, "limit \(limit)")
        }
        // The entry counts as read, and nothing of the gap is unread.
        #expect(try await fixture.summary(world.bea, world.group).unread == 0)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a text that was edited while a member was away is gone for them, then as before")
    func edits() async throws {
        let world = try await world()
        let fixture = world.fixture
        try await fixture.edit(world.ann, world.group, 6, "secret")
        func seen(_ number: UInt64) async throws -> Message? {
            let page = try await fixture.history(world.bea, world.group)
            let message = page.messages.first { $0.number == number }
            // The inbox tells the same.
            let told = try await fixture.kinds(world.bea).compactMap { kind -> Message? in
                switch kind {
                case .message(let message), .changed(let message): message
                default: nil
                }
            }
            #expect(told.filter { $0.number == number }.allSatisfy { $0 == message })
            return message
        }
        #expect(try await seen(6)?.removal == .forAll)
        #expect(try await seen(6)?.text == "")
        #expect(try await seen(7)?.text == "5")
        try await fixture.add(world.ann, world.group, world.bea)
        #expect(try await seen(6)?.removal == .forAll)
        let before = try await fixture.events(world.bea).cursor.seq
        try await fixture.edit(world.ann, world.group, 6, "again")
        try await fixture.edit(world.ann, world.group, 7, "five")
        // Those who are in are told, also of messages of an earlier stay.
        #expect(try await fixture.kinds(world.bea, after: before).count == 2)
        #expect(try await seen(6)?.text == "again")
        #expect(try await seen(7)?.text == "five")
        // Not of those between the stays, which they never could read.
        try await fixture.edit(world.ann, world.group, 10, "between")
        #expect(try await fixture.kinds(world.bea, after: before).count == 2)
        try await fixture.leave(world.bea, world.group)
        try await fixture.edit(world.ann, world.group, 7, "secret")
        try fixture.reopen()
        #expect(try await seen(6)?.text == "again")
        #expect(try await seen(7)?.removal == .forAll)
        #expect(try fixture.verify().errors == [])
    }

    @Test("what happens in the group after they have gone is not told: names, counts, deletions")
    func afterwards() async throws {
        let world = try await world()
        let fixture = world.fixture
        let seq = try await fixture.events(world.bea).cursor.seq
        try await fixture.rename(world.ann, world.group, "without bea")
        try await fixture.add(world.ann, world.group, fixture.users("cid")[0])
        try await fixture.deleteForAll(world.ann, world.group, 8)
        try fixture.reopen()
        let summary = try await fixture.summary(world.bea, world.group)
        #expect(summary.name == "nest" && summary.group?.members == 1)
        #expect(try await fixture.kinds(world.bea, after: seq).isEmpty)
        #expect(
            await refusal { try await fixture.members(world.bea, world.group) } == .forbidden)
        // But what is deleted for all is deleted.
        let page = try await fixture.history(world.bea, world.group, .after(7), limit: 1)
        #expect(page.messages.map(\.removal) == [.forAll] && page.messages[0].text == "")
    }

    @Test("an answer points at what its author may read, and at nothing else")
    func replies() async throws {
        let world = try await world()
        let fixture = world.fixture
        try await fixture.add(world.ann, world.group, world.bea)
        for number: UInt64 in [5, 9, 13] {
            _ = try await fixture.say(world.bea, world.group, "yes", replyTo: number)
        }
        for number: UInt64 in [0, 4, 10, 12, 17, .max] {
            let code = await refusal {
                try await fixture.say(world.bea, world.group, "no", replyTo: number)
            }
            #expect(code == .badRequest)
        }
        let withAnn = ConversationID(with: world.ann)
        _ = try await fixture.say(world.bea, withAnn, "hello")
        #expect(try await fixture.say(world.bea, withAnn, "yes", replyTo: 1).number == 2)
        for number: UInt64 in [0, 3, .max] {
            let code = await refusal {
                try await fixture.say(world.bea, withAnn, "no", replyTo: number)
            }
            #expect(code == .badRequest)
        }
        let page = try await fixture.history(world.ann, ConversationID(with: world.bea))
        #expect(page.messages.map(\.replyTo) == [nil, 1])
    }
}
