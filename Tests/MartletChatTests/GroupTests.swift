import MartletStore
import Testing

@testable import MartletChat

@Suite("Groups")
struct GroupTests {
    @Test("a group is made once by client message id, however often it is asked for")
    func once() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let receipts = try await withThrowingTaskGroup(of: SendReceipt.self) { tasks in
            for _ in 0..<20 {
                tasks.addTask {
                    try await fixture.createGroup(users[0], [users[1], users[2]], id: "same")
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(receipts.map(\.conversation)).count == 1)
        #expect(receipts.count { !$0.isDuplicate } == 1)
        try fixture.reopen()
        #expect(try await fixture.createGroup(users[0], [users[1]], id: "same").isDuplicate)
        let report = try fixture.verify()
        #expect(report.errors == [])
        #expect(report.groups == 1 && report.members == 3 && report.notices == 1)
    }

    @Test("all members see the same messages at the same numbers, and each has one event of each")
    func fanOut() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let group = try await fixture.group(users[0], Array(users[1...]))
        for index in 1...10 {
            let receipt = try await fixture.say(users[index % 3], group, "\(index)", "\(index)")
            #expect(receipt.number == UInt64(index + 1) && receipt.seq == UInt64(index + 1))
        }
        try fixture.reopen()
        for user in users {
            let page = try await fixture.history(user, group)
            #expect(page.messages.map(\.number) == Array(1...11))
            #expect(page.messages[1...].map(\.text) == (1...10).map { "\($0)" })
            // A client message id is shown to the author alone.
            #expect(page.messages.allSatisfy { $0.clientMessageID == nil || $0.sender == user })
            let events = try await fixture.kinds(user)
            #expect(events == page.messages.map { .message($0) })
        }
        let report = try fixture.verify()
        #expect(report.errors == [])
        #expect(report.groupMessages == 10 && report.messageCopies == 0)
        #expect(report.inboxEvents == 33)
    }

    @Test("who adds, removes, renames or leaves makes a notice that all concerned get")
    func notices() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let group = try await fixture.group(users[0])
        #expect(try await fixture.add(users[0], group, users[1], users[2]).number == 3)
        #expect(try await fixture.add(users[0], group, users[1]).number == nil)
        #expect(try await fixture.rename(users[0], group, "roost").number == 4)
        #expect(try await fixture.rename(users[0], group, "roost").number == nil)
        #expect(try await fixture.remove(users[0], group, users[1]).number == 5)
        #expect(try await fixture.remove(users[0], group, users[1]).number == nil)
        #expect(try await fixture.leave(users[2], group).number == 6)
        func notices(_ user: UserID) async throws -> [GroupNotice] {
            try await fixture.kinds(user).compactMap {
                guard case .message(let message) = $0 else { return nil }
                return message.notice
            }
        }
        let all = [
            GroupNotice(.created, name: "nest"), GroupNotice(.added, user: users[1]),
            GroupNotice(.added, user: users[2]), GroupNotice(.renamed, name: "roost"),
            GroupNotice(.removed, user: users[1]), GroupNotice(.left),
        ]
        #expect(try await notices(users[0]) == all)
        #expect(try await notices(users[1]) == Array(all[1...4]))
        #expect(try await notices(users[2]) == Array(all[2...5]))
        #expect(try await fixture.summary(users[0], group).unread == 1)
        #expect(try fixture.verify().errors == [])
    }

    @Test("the owner who leaves hands over to the oldest admin, else to the oldest member")
    func heirs() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid", "dan")
        let group = try await fixture.group(users[0])
        for user in users[1...] { try await fixture.add(users[0], group, user) }
        try await fixture.setRole(users[0], group, users[2], .admin)
        try await fixture.setRole(users[0], group, users[3], .admin)
        try await fixture.leave(users[0], group)
        #expect(try await roles(fixture, users[1], group) == [.member, .owner, .admin])
        try await fixture.setRole(users[2], group, users[3], .member)
        try await fixture.leave(users[2], group)
        #expect(try await roles(fixture, users[1], group) == [.owner, .member])
        // An owner who is not the last one hands nothing over.
        try await fixture.setRole(users[1], group, users[3], .owner)
        try await fixture.leave(users[1], group)
        try await fixture.leave(users[3], group)
        try fixture.reopen()
        #expect(try await fixture.summary(users[3], group).group?.members == 0)
        #expect(try fixture.verify().errors == [])
    }

    /// In the order of `users`, those who have left left out.
    private func roles(
        _ fixture: ChatFixture, _ user: UserID, _ group: ConversationID
    ) async throws -> [GroupRole] {
        let names = ["ann", "bea", "cid", "dan"]
        return try await fixture.members(user, group).members
            .sorted { names.firstIndex(of: $0.name) ?? 9 < names.firstIndex(of: $1.name) ?? 9 }
            .map(\.role)
    }

    @Test("there is always an owner, and only owners change roles")
    func owners() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0], [users[1]])
        let last = await refusal {
            try await fixture.setRole(users[0], group, users[0], .member)
        }
        #expect(last == .conflict)
        try await fixture.setRole(users[0], group, users[1], .owner)
        #expect(
            await refusal { try await fixture.remove(users[0], group, users[1]) } == .forbidden)
        try await fixture.setRole(users[0], group, users[0], .member)
        let again = await refusal { try await fixture.setRole(users[0], group, users[0], .owner) }
        #expect(again == .forbidden)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a group takes as many members as the operator says, and a hundred at once")
    func bounds() async throws {
        let fixture = try ChatFixture { $0.groupMembers = 3 }
        let users = try fixture.users("ann", "bea", "cid", "dan")
        let group = try await fixture.group(users[0])
        let all = await refusal {
            try await fixture.add(users[0], group, users[1], users[2], users[3])
        }
        #expect(all == .tooLarge)
        try await fixture.add(users[0], group, users[1], users[2])
        let link = try await fixture.link(users[0], group)
        #expect(await refusal { try await fixture.join(users[3], link) } == .tooLarge)
        let many = (1...101).map { UserID(rawValue: $0) }
        let made = await refusal { try await fixture.createGroup(users[0], many, id: "1") }
        #expect(made == .tooLarge)
        for name in ["", String(repeating: "n", count: 101)] {
            let named = await refusal { try await fixture.rename(users[0], group, name) }
            #expect(named == .badRequest)
        }
        let nobody = await refusal {
            try await fixture.createGroup(users[0], [UserID(rawValue: 7)], id: "2")
        }
        #expect(nobody == .notFound)
    }

    @Test("who comes and goes without end is let in 64 times, and all inboxes stay readable")
    func restless() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0], [users[1]])
        for _ in 0..<63 {
            try await fixture.leave(users[1], group)
            try await fixture.add(users[0], group, users[1])
        }
        try await fixture.leave(users[1], group)
        let once = await refusal { try await fixture.add(users[0], group, users[1]) }
        #expect(once == .conflict)
        #expect(try await fixture.events(users[1]).events.count == 1 + 63 * 2 + 1)
        #expect(try await fixture.history(users[1], group).messages.count == 1 + 63 * 2 + 1)
        #expect(try fixture.verify().errors == [])
    }

    @Test("messages and changes of many at once are in one order for all")
    func concurrency() async throws {
        let fixture = try ChatFixture { $0.commitBytes = 2_000 }
        let users = try fixture.users("ann", "bea", "cid", "dan")
        let group = try await fixture.group(users[0], [users[1], users[2]])
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for user in users[0...2] {
                tasks.addTask {
                    for index in 0..<40 { _ = try await fixture.say(user, group, "\(index)") }
                }
            }
            tasks.addTask {
                for _ in 0..<20 {
                    try await fixture.add(users[0], group, users[3])
                    _ = try await fixture.say(users[3], group, "in")
                    try await fixture.remove(users[0], group, users[3])
                }
            }
            try await tasks.waitForAll()
        }
        try fixture.reopen()
        let all = try await fixture.history(users[0], group).messages
        for user in users {
            let seen = try await fixture.history(user, group).messages
            #expect(seen.map(\.text) == seen.map { all[Int($0.number) - 1].text })
        }
        let report = try fixture.verify()
        #expect(report.errors == [])
        #expect(report.groupMessages == 140 && report.notices == 41)
    }
}
