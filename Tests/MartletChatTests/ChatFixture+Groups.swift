import Foundation

@testable import MartletChat

/// Calls that the tests of groups and messages share.
extension ChatFixture {
    /// A group of `owner` and `members`.
    func group(
        _ owner: UserID, _ members: [UserID] = [], name: String = "nest",
        id: String = UUID().uuidString
    ) async throws -> ConversationID {
        try await createGroup(owner, members, name: name, id: id).conversation
    }

    func createGroup(
        _ owner: UserID, _ members: [UserID], name: String = "nest", id: String
    ) async throws -> SendReceipt {
        try await value { [chat] in
            chat.createGroup(
                user: owner, name: name, members: members, clientMessageID: id, completion: $0)
        }
    }

    func say(
        _ user: UserID, _ conversation: ConversationID, _ text: String,
        _ id: String = UUID().uuidString, replyTo: UInt64? = nil
    ) async throws -> SendReceipt {
        try await value { [chat] in
            chat.send(
                from: user, to: conversation, text: text, clientMessageID: id, replyTo: replyTo,
                completion: $0)
        }
    }

    @discardableResult
    func add(
        _ user: UserID, _ group: ConversationID, _ members: UserID...
    ) async throws -> GroupChange {
        try await value { [chat] in
            chat.addMembers(user: user, group: group, members: members, completion: $0)
        }
    }

    @discardableResult
    func remove(
        _ user: UserID, _ group: ConversationID, _ member: UserID
    ) async throws -> GroupChange {
        try await value { [chat] in
            chat.removeMember(user: user, group: group, member: member, completion: $0)
        }
    }

    @discardableResult
    func leave(_ user: UserID, _ group: ConversationID) async throws -> GroupChange {
        try await value { [chat] in chat.leaveGroup(user: user, group: group, completion: $0) }
    }

    @discardableResult
    func setRole(
        _ user: UserID, _ group: ConversationID, _ member: UserID, _ role: GroupRole
    ) async throws -> GroupChange {
        try await value { [chat] in
            chat.setRole(user: user, group: group, member: member, role: role, completion: $0)
        }
    }

    @discardableResult
    func rename(
        _ user: UserID, _ group: ConversationID, _ name: String
    ) async throws -> GroupChange {
        try await value { [chat] in
            chat.renameGroup(user: user, group: group, name: name, completion: $0)
        }
    }

    func link(
        _ user: UserID, _ group: ConversationID, microseconds: UInt64 = 3_600_000_000
    ) async throws -> GroupLink {
        try await value { [chat] in
            chat.makeLink(
                user: user, group: group, microseconds: microseconds, completion: $0)
        }
    }

    @discardableResult
    func join(_ user: UserID, _ link: GroupLink) async throws -> GroupChange {
        try await value { [chat] in
            chat.joinGroup(user: user, link: link.text, completion: $0)
        }
    }

    @discardableResult
    func edit(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64, _ text: String
    ) async throws -> UInt64 {
        try await value { [chat] in
            chat.edit(
                user: user, conversation: conversation, number: number, text: text,
                completion: $0)
        }
    }

    @discardableResult
    func deleteForAll(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64
    ) async throws -> UInt64 {
        try await value { [chat] in
            chat.deleteForAll(
                user: user, conversation: conversation, number: number, completion: $0)
        }
    }

    func deleteForMe(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64
    ) async throws {
        try await value { [chat] in
            chat.deleteForMe(
                user: user, conversation: conversation, number: number, completion: $0)
        }
    }

    @discardableResult
    func read(
        _ user: UserID, _ conversation: ConversationID, upTo: UInt64
    ) async throws -> UInt64 {
        try await value { [chat] in
            chat.markRead(
                user: user, conversation: conversation, upTo: upTo, completion: $0)
        }
    }

    @discardableResult
    func deliver(
        _ user: UserID, _ conversation: ConversationID, upTo: UInt64
    ) async throws -> UInt64 {
        try await value { [chat] in
            chat.markDelivered(
                user: user, conversation: conversation, upTo: upTo, completion: $0)
        }
    }

    func history(
        _ user: UserID, _ conversation: ConversationID, _ range: HistoryRange = .newest,
        limit: Int = 1_000
    ) async throws -> HistoryPage {
        try await value { [chat] in
            chat.history(
                user: user, conversation: conversation, range: range, limit: limit,
                completion: $0)
        }
    }

    func summary(
        _ user: UserID, _ conversation: ConversationID
    ) async throws -> ConversationSummary {
        try await value { [chat] in
            chat.groupSummary(user: user, group: conversation, completion: $0)
        }
    }

    func members(
        _ user: UserID, _ group: ConversationID, limit: Int = 1_000, after: UserID? = nil
    ) async throws -> MemberPage {
        try await value { [chat] in
            chat.members(
                user: user, group: group, limit: limit, after: after, completion: $0)
        }
    }

    func names(
        _ user: UserID, _ group: ConversationID, _ users: [UserID]
    ) async throws -> [FoundUser] {
        try await value { [chat] in
            chat.memberNames(user: user, group: group, users: users, completion: $0)
        }
    }

    func setReceipts(_ user: UserID, _ isOn: Bool) async throws {
        var change = SettingsChange()
        change.receipts = isOn
        let _: SettingsValue = try await value { [chat, change] in
            chat.change(settings: change, of: user, completion: $0)
        }
    }

    /// The kinds of the user's events after `seq`.
    func kinds(_ user: UserID, after seq: UInt64 = 0) async throws -> [InboxEvent.Kind] {
        try await events(user, after: seq).events.map(\.kind)
    }
}

/// The error code of a call that should fail.
func refusal(_ body: () async throws -> some Sendable) async -> ChatError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? ChatError)?.code
    }
}
