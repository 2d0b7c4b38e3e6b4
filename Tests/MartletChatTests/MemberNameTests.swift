import Testing

@testable import MartletChat

@Suite("Names of those who were in a group")
struct MemberNameTests {
    @Test("who has left or was removed has a name; a deleted account has none")
    func former() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid", "dan")
        let group = try await fixture.group(users[0], Array(users[1...]))
        try await fixture.leave(users[1], group)
        try await fixture.remove(users[0], group, users[2])
        try await fixture.delete(users[3])
        let found = try await fixture.names(users[0], group, users.reversed())
        #expect(found.map(\.name) == ["cid", "bea", "ann"])
        #expect(found.map(\.user) == [users[2], users[1], users[0]])
        // They may read each other's messages still.
        #expect(
            try await fixture.names(users[1], group, users).map(\.name) == ["ann", "bea", "cid"])
    }

    @Test("nothing is said of those who were never in at the same time, nor of strangers")
    func strangers() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid", "eve")
        let group = try await fixture.group(users[0], [users[1]])
        try await fixture.leave(users[1], group)
        try await fixture.add(users[0], group, users[2])
        let all = users + [UserID(rawValue: 7)]
        #expect(try await fixture.names(users[0], group, all).map(\.name) == ["ann", "bea", "cid"])
        #expect(try await fixture.names(users[1], group, all).map(\.name) == ["ann", "bea"])
        #expect(try await fixture.names(users[2], group, all).map(\.name) == ["ann", "cid"])
        let eve = await refusal { try await fixture.names(users[3], group, [users[0]]) }
        #expect(eve == .notFound)
        let pair = await refusal {
            try await fixture.names(users[0], ConversationID(with: users[1]), [users[1]])
        }
        #expect(pair == .notFound)
    }

    @Test("a list is bounded")
    func bound() async throws {
        let fixture = try ChatFixture()
        let ann = try fixture.users("ann")[0]
        let group = try await fixture.group(ann)
        let many = (1...101).map { UserID(rawValue: $0) }
        #expect(await refusal { try await fixture.names(ann, group, many) } == .tooLarge)
        #expect(try await fixture.names(ann, group, Array(many.dropLast())).isEmpty)
    }
}
