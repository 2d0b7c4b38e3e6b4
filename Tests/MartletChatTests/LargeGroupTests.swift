import MartletStore
import Testing

@testable import MartletChat

@Suite("A large group")
struct LargeGroupTests {
    /// A group with `count` members besides its owner, who come in without events.
    private func make(
        _ fixture: ChatFixture, _ count: Int
    ) async throws -> (owner: UserID, group: ConversationID, others: [UserID]) {
        let owner = try fixture.users("ann")[0]
        let group = try await fixture.group(owner)
        var others: [UserID] = []
        for start in stride(from: 0, to: count, by: 1_000) {
            let names = (start..<min(count, start + 1_000)).map { "m\($0)" }
            others += try fixture.chat.accounts.importUsers(names).users.map(\.user)
        }
        for start in stride(from: 0, to: count, by: 500) {
            let some = ImportMembers(
                user: owner, id: group, added: Array(others[start..<min(count, start + 500)]),
                membersMax: 10_000, now: 0)
            let _: Answer = try await value { [chat = fixture.chat] in
                chat.perform(some, lane: 1, $0) { $0 }
            }
        }
        return (owner, group, others)
    }

    @Test("of 10,000 members each has one pointer to a message that is stored once")
    func tenThousand() async throws {
        let fixture = try ChatFixture()
        let (owner, group, others) = try await make(fixture, 9_999)
        let before = try fixture.verify()
        #expect(before.members == 10_000 && before.inboxEvents == 1)
        let number = try await fixture.say(owner, group, "hello all").number
        try await fixture.edit(owner, group, number, "hello, all")
        try fixture.reopen()
        let report = try fixture.verify()
        #expect(report.errors == [])
        #expect(report.groupMessages == 1 && report.messageCopies == 0)
        #expect(report.inboxEvents == before.inboxEvents + 2 * 10_000)
        let kinds = try await fixture.kinds(others[7_000])
        guard case .message(let first)? = kinds.first, case .changed(let second)? = kinds.last
        else { return #expect(Bool(false), "\(kinds)") }
        #expect(first.text == "hello, all" && second == first && kinds.count == 2)
        var members = 0
        var page = try await fixture.members(owner, group)
        while true {
            members += page.members.count
            guard page.hasMore, let last = page.members.last else { break }
            page = try await fixture.members(owner, group, after: last.user)
        }
        #expect(members == 10_000)
    }

    @Test("what waits for its commit has a bound: the next message to a large group is refused")
    func backlog() async throws {
        let fixture = try ChatFixture()
        let (owner, group, _) = try await make(fixture, 1_999)
        let results = await withTaskGroup(of: ChatError.Code?.self) { tasks in
            for index in 0..<1_000 {
                tasks.addTask {
                    await refusal { try await fixture.say(owner, group, "\(index)", "\(index)") }
                }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        let stored = results.count { $0 == nil }
        #expect(results.allSatisfy { $0 == nil || $0 == .tooMany })
        #expect(stored < 1_000, "1,000 messages to 2,000 members fit into 64 MiB")
        #expect(try fixture.verify().groupMessages == UInt64(stored))
    }
}
