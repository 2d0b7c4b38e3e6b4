import MartletServer
import Testing

@testable import MartletChat

/// Pages of the largest elements there are.
@Suite("No frame of the server is larger than it says") struct AnswerBytesTests {
    private static let me = UserID(rawValue: .max >> 1)
    private static let most: UInt64 = 1 << 53 - 1
    /// Characters that cost six bytes each.
    private static func escapes(_ count: Int) -> String { String(repeating: "\u{1}", count: count) }

    private static func message(_ text: String) -> Message {
        var message = Message(
            conversation: ConversationID(rawValue: .max), number: most, sender: me,
            clientMessageID: escapes(64), sentAt: most, text: text)
        message.replyTo = most
        message.revision = most
        message.editedAt = most
        message.removal = .forAll
        return message
    }

    private static func notice() -> Message {
        var message = message("")
        message.notice = GroupNotice(
            .renamed, user: me, name: escapes(ChatLimits.groupNameBytes), role: .member)
        return message
    }

    /// The largest texts; middling ones, of which some fit; and those around whose text is most.
    static let messages = [
        message(escapes(ChatLimits.textBytes)), message(escapes(3_000)), message("x"), notice(),
    ]

    private static func summary(_ message: Message) -> ConversationSummary {
        ConversationSummary(
            conversation: message.conversation, name: escapes(ChatLimits.groupNameBytes),
            lastMessage: message, last: most, read: 0, delivered: most, peerDelivered: most,
            peerRead: most, mutedUntil: most,
            group: GroupStanding(role: .member, from: most, members: 10_000))
    }

    /// What a request is answered with, in bytes, for an outcome.
    private func bytes(_ request: String, _ outcome: ChatOutcome) throws -> Int {
        var script = SessionScript.authenticated()
        let id = String(repeating: #"\u0001"#, count: 64)
        _ = script.client(#"{"id":"\#(id)",\#(request)}"#)
        let lines = script.reply(outcome)
        try #require(lines.count == 1 && !lines[0].contains("error"))
        return lines[0].utf8.count
    }

    @Test("pages of messages of all sizes", arguments: 0..<4)
    func pages(_ kind: Int) throws {
        let message = Self.messages[kind]
        let cursor = InboxCursor(epoch: .max, seq: Self.most)
        let peer = #""conversation":"ffffffffffffffff""#
        let many = Array(repeating: message, count: 100)
        let conversations = many.map(Self.summary)
        let recent = conversations.prefix(5).map {
            RecentConversation(summary: $0, messages: Array(many.prefix(15)), hasMore: true)
        }
        let sizes = [
            try bytes(#""history":{\#(peer)}"#, .history(many, more: true)),
            try bytes(#""history":{\#(peer),"after":0}"#, .history(many, more: true)),
            try bytes(#""conversations":{}"#, .conversations(conversations, more: true)),
            try bytes(
                #""sync":{"epoch":3,"seq":0}"#,
                .events(
                    many.map { InboxEvent(seq: Self.most, kind: .changed($0)) }, cursor,
                    limited: true)),
            try bytes(
                #""start":{}"#,
                .action(
                    .start(
                        StartPage(cursor: cursor, conversations: recent, hasMore: true)))),
        ]
        #expect(sizes.allSatisfy { $0 <= ProtocolLimits.answerBytes }, "\(sizes)")
        #expect(sizes.allSatisfy { $0 > message.text.utf8.count })
    }

    @Test("a page of start whose last conversation just does not fit is cut before it")
    func start() throws {
        for text in stride(from: 1_000, through: ChatLimits.textBytes, by: 517) {
            let recent = (1...5).map { index in
                let message = Self.message(Self.escapes(index == 1 ? text : ChatLimits.textBytes))
                return RecentConversation(
                    summary: Self.summary(message), messages: [message], hasMore: true)
            }
            let page = StartPage(
                cursor: InboxCursor(epoch: 3, seq: 1), conversations: recent, hasMore: false)
            let size = try bytes(#""start":{}"#, .action(.start(page)))
            #expect(size <= ProtocolLimits.answerBytes, "\(text)")
        }
    }
}
