/// Stores a message once, whatever the conversation.
struct SendMessage: Procedure, Hashable {
    var user: UserID
    var conversation: ConversationID
    var text: String
    var clientMessageID: String
    var sentAt: UInt64
    var replyTo: UInt64?

    private var sendKey: SendKey { SendKey(user: user, clientMessageID: clientMessageID) }
    private var peer: UserID { conversation.peer }

    var keys: [FactKey] {
        if conversation.isGroup {
            return [
                .send(sendKey), .group(conversation), .member(conversation, user),
                .roster(conversation),
            ]
        }
        if user == peer {
            return [.send(sendKey), .account(user), .inbox(user), .pair(Pair(user, user))]
        }
        // As `Draft.writingKeys` has them, in one array.
        return [
            .send(sendKey), .pair(Pair(user, peer)), .account(peer), .inbox(user), .inbox(peer),
            .relation(user, peer), .relation(peer, user), .settings(peer),
        ]
    }

    var bundle: FactBundle? {
        if conversation.isGroup || user == peer { return nil }
        let pair = Pair(user, peer)
        return FactBundle(anchor: .pair(pair), own: .send(sendKey), isSecond: pair.high == user)
    }

    var cost: Int { 512 + 2 * text.utf8.count }

    /// No `not_found`: that says that there is nobody to write to.
    static let noSuchReply = ChatError(.badRequest, "replyTo: no such message")

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        if conversation.isGroup { return try runInGroup(&draft) }
        try draft.mustExist(peer)
        if let earlier = try draft.earlier(sendKey) { return .sent(earlier.repeated) }
        let showsPeer = try draft.mayWrite(user, to: peer)
        let ends = Pair(user, peer)
        var pair = try draft.pair(ends)
        if let replyTo, replyTo < 1 || replyTo > pair.last {
            throw .refused(Self.noSuchReply)
        }
        pair.last += 1
        let number = pair.last
        // Who writes has seen what came before.
        pair.setSide(
            of: user, in: ends,
            .init(
                delivered: number, read: number, shownDelivered: number, shownRead: number))
        draft.set(.pair(ends), .pair(pair))
        let seq = try deliver(number, to: user, conversation, &draft)
        if peer != user {
            try deliver(number, to: peer, ConversationID(with: user), &draft)
        }
        return remember(number, seq, showsPeer: showsPeer, &draft)
    }

    /// One side's copy and its event.
    @discardableResult
    private func deliver(
        _ number: UInt64, to owner: UserID, _ named: ConversationID, _ draft: inout Draft
    ) throws(Halt) -> UInt64 {
        let value = message(for: owner)
        draft.store(MessageKey(owner, named, number), value)
        return try draft.event(
            owner, InboxValue(kind: .message, conversation: named, number: number),
            .message(Message(named, number, value, for: owner)))
    }

    private func message(for owner: UserID) -> MessageValue {
        var value = MessageValue(
            sender: user, sentAt: sentAt,
            clientMessageID: owner == user ? clientMessageID : nil, text: text)
        value.replyTo = replyTo
        return value
    }

    private func remember(
        _ number: UInt64, _ seq: UInt64, showsPeer: Bool = false, _ draft: inout Draft
    ) -> Answer {
        var receipt = SendReceipt(
            conversation: conversation, number: number, seq: seq, sentAt: sentAt,
            isDuplicate: false)
        receipt.showsPeer = showsPeer
        draft.set(.send(sendKey), .send(SendValue(receipt)))
        return .sent(receipt)
    }

    private func runInGroup(_ draft: inout Draft) throws(Halt) -> Answer {
        if let earlier = try draft.earlier(sendKey) { return .sent(earlier.repeated) }
        var entry = try GroupDraft(conversation, by: user, &draft)
        if let replyTo, replyTo > entry.group.last || entry.member.stay(for: replyTo) == nil {
            throw .refused(Self.noSuchReply)
        }
        let (number, seq) = try entry.post(message(for: user), &draft)
        return remember(number, seq, &draft)
    }
}
