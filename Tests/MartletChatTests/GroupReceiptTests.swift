import MartletStore
import Testing

@testable import MartletChat

@Suite("Receipts in groups")
struct GroupReceiptTests {
    @Test("cursors of members are monotone, seen by members, and told to own devices alone")
    func cursors() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let group = try await fixture.group(users[0], [users[1], users[2]])
        for index in 1...5 { _ = try await fixture.say(users[0], group, "\(index)") }
        #expect(try await fixture.summary(users[1], group).unread == 5)
        #expect(try await fixture.deliver(users[1], group, upTo: 4) == 4)
        #expect(try await fixture.read(users[1], group, upTo: 3) == 3)
        #expect(try await fixture.read(users[1], group, upTo: 2) == 3)
        #expect(try await fixture.deliver(users[1], group, upTo: 2) == 4)
        try fixture.reopen()
        func cursors(_ name: String) async throws -> [UInt64] {
            let page = try await fixture.members(users[2], group)
            let member = page.members.first { $0.name == name }
            return [member?.delivered ?? 0, member?.read ?? 0]
        }
        #expect(try await cursors("bea") == [4, 3])
        #expect(try await cursors("ann") == [6, 6])
        #expect(try await cursors("cid") == [1, 1])
        #expect(try await fixture.read(users[1], group, upTo: .max) == 6)
        #expect(try await fixture.summary(users[1], group).unread == 0)
        let own = try await fixture.kinds(users[1], after: 6)
        #expect(own == [.read(group, upTo: 3, by: .own), .read(group, upTo: 6, by: .own)])
        #expect(try await fixture.kinds(users[0], after: 6).isEmpty)
        #expect(try fixture.verify().errors == [])
    }

    @Test("who has gone reads to the end of the stay and no further")
    func gone() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0], [users[1]])
        _ = try await fixture.say(users[0], group, "1")
        try await fixture.remove(users[0], group, users[1])
        _ = try await fixture.say(users[0], group, "2")
        #expect(try await fixture.read(users[1], group, upTo: .max) == 3)
        #expect(try await fixture.summary(users[1], group).unread == 0)
        #expect(try fixture.verify().errors == [])
    }

    @Test("who says something, also a notice, has read what came before")
    func writing() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0], [users[1]])
        for _ in 1...3 { _ = try await fixture.say(users[1], group, "x") }
        #expect(try await fixture.summary(users[0], group).unread == 3)
        try await fixture.rename(users[0], group, "roost")
        #expect(try await fixture.summary(users[0], group).unread == 0)
        #expect(try await fixture.summary(users[1], group).unread == 1)
        try await fixture.leave(users[1], group)
        #expect(try await fixture.summary(users[1], group).unread == 0)
    }

    /// What the member named last is seen to have received and read.
    private func seen(
        _ fixture: ChatFixture, _ viewer: UserID, _ group: ConversationID, of user: UserID
    ) async throws -> [UInt64] {
        let page = try await fixture.members(viewer, group)
        let member = page.members.first { $0.user == user }
        return [member?.delivered ?? 0, member?.read ?? 0]
    }

    @Test("who has switched receipts off tells nothing more, and not later either")
    func switchedOff() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0], [users[1]])
        for index in 2...6 { _ = try await fixture.say(users[0], group, "\(index)") }
        try await fixture.read(users[1], group, upTo: 2)
        #expect(try await seen(fixture, users[0], group, of: users[1]) == [2, 2])
        try await fixture.setReceipts(users[1], false)
        #expect(try await fixture.read(users[1], group, upTo: 4) == 4)
        try fixture.reopen()
        #expect(try await seen(fixture, users[0], group, of: users[1]) == [2, 2])
        #expect(try await fixture.summary(users[1], group).read == 4)
        // Not even to oneself: the own cursors are in the summary.
        #expect(try await seen(fixture, users[1], group, of: users[1]) == [2, 2])
        try await fixture.setReceipts(users[1], true)
        #expect(try await seen(fixture, users[0], group, of: users[1]) == [2, 2])
        #expect(try fixture.verify().errors == [])
        // What comes after is told again, and who writes tells it in any case.
        try await fixture.deliver(users[1], group, upTo: 5)
        #expect(try await seen(fixture, users[0], group, of: users[1]) == [5, 4])
        try await fixture.setReceipts(users[1], false)
        _ = try await fixture.say(users[1], group, "7")
        #expect(try await seen(fixture, users[0], group, of: users[1]) == [7, 7])
        #expect(try fixture.verify().errors == [])
    }

    @Test("to whom a member blocks it looks as if nothing were read since the joining")
    func blocked() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let group = try await fixture.group(users[0], [users[1], users[2]])
        _ = try await fixture.say(users[0], group, "2")
        try await fixture.read(users[1], group, upTo: 2)
        try await fixture.relate(users[1], users[0], .block)
        #expect(try await seen(fixture, users[0], group, of: users[1]) == [1, 1])
        #expect(try await seen(fixture, users[2], group, of: users[1]) == [2, 2])
    }

    @Test("a member's row of version 1 has told all that it says")
    func versionOne() {
        let old: [UInt8] = [1, 1, 0, 9, 7, 1, 3, 0, 0, 0]
        let member = MemberValue(old)
        #expect(member?.shownDelivered == 9 && member?.shownRead == 7)
        #expect(member?.encoded() == [2, 1, 0, 9, 7, 9, 7, 1, 3, 0, 0, 0])
    }
}
