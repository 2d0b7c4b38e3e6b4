/// What a send got.
public struct SendReceipt: Hashable, Sendable {
    /// The conversation, as the sender names it.
    public var conversation: ConversationID
    /// The message's place in the conversation: 1, 2, 3, ...
    public var number: UInt64
    /// The place of the message's event in the sender's own inbox.
    public var seq: UInt64
    /// Microseconds since 1970; for show.
    public var sentAt: UInt64
    /// Whether an earlier send with the same client message id had stored it.
    public var isDuplicate: Bool
    /// Whether the sender may be told if the other side is online. Not known of a repeat.
    public var showsPeer = false

    package init(
        conversation: ConversationID, number: UInt64, seq: UInt64, sentAt: UInt64,
        isDuplicate: Bool
    ) {
        self.conversation = conversation
        self.number = number
        self.seq = seq
        self.sentAt = sentAt
        self.isDuplicate = isDuplicate
    }
}

extension SendValue {
    init(_ receipt: SendReceipt) {
        self.init(
            conversation: receipt.conversation, number: receipt.number, seq: receipt.seq,
            sentAt: receipt.sentAt)
    }

    var repeated: SendReceipt {
        SendReceipt(
            conversation: conversation, number: number, seq: seq, sentAt: sentAt,
            isDuplicate: true)
    }
}
