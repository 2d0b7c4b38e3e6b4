import MartletStore
import Testing

@testable import MartletChat

@Suite("The verifier of groups")
struct GroupVerifierTests {
    enum Damage: CaseIterable {
        case group, groupLast, groupCount, groupRevisions, groupOwner
        case member, memberStay, memberEnd, memberCursor, memberShown, memberRevisions,
            memberUnlisted
        case message, messageSender, messageReply, messageForOne
        case hidden, hiddenUnread, link, linkElsewhere, linkMissing, listed, pointer, sent
    }

    private struct World {
        var fixture: ChatFixture
        var schema: ChatSchema
        var ann: UserID
        var bea: UserID
        var cid: UserID
        var group: ConversationID
    }

    /// Ann's group with Bea, and Cid, who has left; a message edited, one hidden, an invitation.
    private func world() async throws -> World {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let group = try await fixture.group(users[0], Array(users[1...]))
        for index in 2...5 { _ = try await fixture.say(users[0], group, "\(index)", "\(index)") }
        try await fixture.edit(users[0], group, 3, "three")
        try await fixture.leave(users[2], group)
        try await fixture.deleteForMe(users[1], group, 2)
        _ = try await fixture.link(users[0], group)
        return World(
            fixture: fixture, schema: try ChatSchema(fixture.store), ann: users[0],
            bea: users[1], cid: users[2], group: group)
    }

    @Test("planted damage is found in its table", arguments: Damage.allCases)
    func damage(_ damage: Damage) async throws {
        let world = try await world()
        #expect(try world.fixture.verify().errors == [])
        var batch = WriteBatch()
        let table = try plant(damage, world, &batch)
        try world.fixture.store.write(batch)
        let report = try world.fixture.verify()
        #expect(report.errors.contains { $0.table == table }, "\(damage): \(report.errors)")
    }

    private func plant(
        _ damage: Damage, _ world: World, _ batch: inout WriteBatch
    ) throws -> String {
        switch damage {
        case .group, .groupLast, .groupCount, .groupRevisions, .groupOwner:
            return try plantInGroup(damage, world, &batch)
        case .message, .messageSender, .messageReply, .messageForOne:
            return try plantInMessages(damage, world, &batch)
        case .hidden, .hiddenUnread, .link, .linkElsewhere, .linkMissing, .listed, .pointer, .sent:
            return try plantElsewhere(damage, world, &batch)
        default:
            return try plantInMembers(damage, world, &batch)
        }
    }

    private func plantInGroup(
        _ damage: Damage, _ world: World, _ batch: inout WriteBatch
    ) throws -> String {
        let schema = world.schema
        let row = ChatKeys.group(world.group)
        if damage == .group {
            try batch.remove(schema.groups, row)
            return "members"
        }
        var value = try #require(
            try world.fixture.store.value(schema.groups, row).flatMap { GroupValue($0) })
        switch damage {
        case .groupLast: value.last += 1
        case .groupCount: value.count = 3
        case .groupRevisions: value.revisions = 0
        default:
            let row = ChatKeys.member(world.group, world.ann)
            var ann = try #require(
                try world.fixture.store.value(schema.members, row).flatMap { MemberValue($0) })
            ann.role = .admin
            try batch.set(schema.members, row, ann.encoded())
        }
        try batch.set(schema.groups, row, value.encoded())
        return damage == .groupRevisions ? "group_messages" : "groups"
    }

    private func plantInMembers(
        _ damage: Damage, _ world: World, _ batch: inout WriteBatch
    ) throws -> String {
        let row = ChatKeys.member(world.group, world.cid)
        let family = world.schema.members
        if damage == .memberUnlisted {
            try batch.remove(
                world.schema.conversations, ChatKeys.conversation(world.cid, world.group))
            return "members"
        }
        var value = try #require(
            try world.fixture.store.value(family, row).flatMap { MemberValue($0) })
        switch damage {
        case .member: return try removed(family, row, "groups", &batch)
        case .memberStay: value.stays[0].from = 2
        case .memberEnd: value.stays[0].to = 5
        case .memberCursor: value.read = value.delivered + 1
        case .memberShown: value.shownDelivered = value.delivered + 1
        default: value.stays[0].revisions = 2
        }
        try batch.set(family, row, value.encoded())
        return "members"
    }

    private func removed(
        _ family: Family, _ row: RowKey, _ found: String, _ batch: inout WriteBatch
    ) throws -> String {
        try batch.remove(family, row)
        // Only its place among the conversations, and its inbox, still tell of it.
        return found == "groups" ? "conversations" : found
    }

    private func plantInMessages(
        _ damage: Damage, _ world: World, _ batch: inout WriteBatch
    ) throws -> String {
        let row = ChatKeys.groupMessage(world.group, 4)
        let family = world.schema.groupMessages
        var value = MessageValue(
            sender: world.ann, sentAt: 0, clientMessageID: "4", text: "4")
        switch damage {
        case .message: return try removed(family, row, "group_messages", &batch)
        case .messageSender: value.sender = UserID(rawValue: 7)
        case .messageReply: value.replyTo = 4
        default: value.remove(.forMe)
        }
        try batch.set(family, row, value.encoded())
        return "group_messages"
    }

    private func plantElsewhere(
        _ damage: Damage, _ world: World, _ batch: inout WriteBatch
    ) throws -> String {
        let (schema, group) = (world.schema, world.group)
        switch damage {
        case .hidden:
            try batch.set(schema.hidden, ChatKeys.message(world.bea, group, 99), [1])
        case .hiddenUnread:
            try batch.set(schema.hidden, ChatKeys.message(UserID(rawValue: 7), group, 2), [1])
        case .link:
            try batch.set(schema.links, Token("x").digest, [9])
            return "links"
        case .linkElsewhere:
            let value = LinkValue(group: ConversationID(group: 5), expiresAt: 9)
            try batch.set(schema.links, Token("x").digest, value.encoded())
            return "links"
        case .linkMissing:
            let value = try world.fixture.store.value(schema.groups, ChatKeys.group(group))
                .flatMap { GroupValue($0) }
            try batch.remove(schema.links, try #require(value?.link))
            return "groups"
        case .listed:
            let row = ChatKeys.conversation(world.bea, ConversationID(group: 5))
            try batch.set(schema.conversations, row, ConversationValue().encoded())
            return "conversations"
        case .pointer:
            let value = InboxValue(kind: .message, conversation: group, number: 99)
            try batch.set(schema.inbox, ChatKeys.inbox(world.cid, 8), value.encoded())
            return "inbox"
        default:
            let value = SendValue(conversation: group, number: 2, seq: 0, sentAt: 0)
            try batch.set(schema.sends, ChatKeys.send(world.bea, "x"), value.encoded())
            return "sends"
        }
        return "hidden"
    }
}
