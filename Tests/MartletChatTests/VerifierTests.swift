import MartletStore
import Testing

@testable import MartletChat

@Suite("The chat verifier")
struct VerifierTests {
    enum Damage: CaseIterable {
        case message, messageCopy, inbox, conversation, send, user, name, extraEvent
    }

    @Test("planted damage is found, with its table", arguments: Damage.allCases)
    func damage(_ damage: Damage) async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let (ann, bea) = (users[0], users[1])
        for index in 1...5 { _ = try await fixture.send(ann, bea, "x", "\(index)") }
        #expect(try fixture.verify().errorCount == 0)
        let schema = try ChatSchema(fixture.store)
        var batch = WriteBatch()
        let withBea = ConversationID(with: bea)
        switch damage {
        case .message:
            try batch.remove(schema.messages, ChatKeys.message(ann, withBea, 3))
        case .messageCopy:
            let value = MessageValue(
                sender: ann, sentAt: 0, clientMessageID: nil, text: "forged")
            try batch.set(
                schema.messages, ChatKeys.message(bea, ConversationID(with: ann), 2),
                value.encoded())
        case .inbox: try batch.remove(schema.inbox, ChatKeys.inbox(bea, 2))
        case .conversation:
            let value = ConversationValue(last: 4)
            try batch.set(
                schema.conversations, ChatKeys.conversation(ann, withBea), value.encoded())
        case .send:
            let value = SendValue(conversation: withBea, number: 9, seq: 9, sentAt: 0)
            try batch.set(schema.sends, ChatKeys.send(ann, "1"), value.encoded())
        case .user: try batch.set(schema.users, ChatKeys.user(bea), [9])
        case .name: try batch.remove(schema.names, "ann")
        case .extraEvent:
            let value = InboxValue(kind: .message, conversation: withBea, number: 5)
            try batch.set(schema.inbox, ChatKeys.inbox(ann, 7), value.encoded())
        }
        try fixture.store.write(batch)
        let report = try fixture.verify()
        #expect(report.errorCount > 0)
        #expect(report.errors.allSatisfy { !$0.row.isEmpty && !$0.table.isEmpty })
    }
}

extension WriteBatch {
    mutating func remove(_ family: Family, _ row: some Bytes) throws {
        try deleteColumn(family, row: row, qualifier: ChatSchema.qualifier)
    }

    mutating func set(_ family: Family, _ row: some Bytes, _ value: [UInt8]) throws {
        try put(family, row: row, qualifier: ChatSchema.qualifier, value: value)
    }
}
