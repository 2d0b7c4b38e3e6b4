/// What the sequencer decided about one request: numbers that no other request gets.
struct Assignment: Sendable {
    struct Event: Sendable {
        var user: UserID
        var seq: UInt64
        var value: InboxValue
    }

    var request: Request
    /// The conversation afterwards, from the side of the request's user.
    var conversation: ConversationValue
    /// One inbox event for each side that has one; the user's own first.
    var events: [Event]

    /// The receipt, if the request was a send.
    var receipt: SendReceipt? {
        guard case .send(let send) = request, let own = events.first else { return nil }
        return SendReceipt(
            conversation: own.value.conversation, number: own.value.number, seq: own.seq,
            sentAt: send.sentAt, isDuplicate: false)
    }

    var answer: Answer {
        if let receipt { return .sent(receipt) }
        guard case .move(let move) = request else { return .moved(0) }
        return .moved(move.cursor == .read ? conversation.read : conversation.delivered)
    }
}
