import MartletStore

/// Turns assignments into rows.
struct BatchEncoder: Sendable {
    let schema: ChatSchema
    /// Microseconds for which repeats are recognised; `nil` for ever.
    let repeatLifetime: UInt64?

    func encode(_ assignment: Assignment, into batch: inout WriteBatch) throws(StoreError) {
        let request = assignment.request
        let (user, peer) = (request.user, request.peer)
        if case .send(let send) = request, let receipt = assignment.receipt {
            try encode(send, receipt, into: &batch)
        }
        for event in assignment.events {
            try batch.put(
                schema.inbox, row: ChatKeys.inbox(event.user, event.seq),
                qualifier: ChatSchema.qualifier, value: event.value.encoded())
        }
        try batch.put(
            schema.conversations,
            row: ChatKeys.conversation(user, ConversationID(with: peer)),
            qualifier: ChatSchema.qualifier, value: assignment.conversation.encoded())
        if peer != user {
            try batch.put(
                schema.conversations,
                row: ChatKeys.conversation(peer, ConversationID(with: user)),
                qualifier: ChatSchema.qualifier,
                value: assignment.conversation.mirrored.encoded())
        }
    }

    private func encode(
        _ send: SendRequest, _ receipt: SendReceipt, into batch: inout WriteBatch
    ) throws(StoreError) {
        var message = MessageValue(
            sender: send.user, sentAt: send.sentAt, clientMessageID: send.clientMessageID,
            text: send.text)
        try batch.put(
            schema.messages,
            row: ChatKeys.message(send.user, receipt.conversation, receipt.number),
            qualifier: ChatSchema.qualifier, value: message.encoded())
        if send.peer != send.user {
            message.clientMessageID = nil
            try batch.put(
                schema.messages,
                row: ChatKeys.message(
                    send.peer, ConversationID(with: send.user), receipt.number),
                qualifier: ChatSchema.qualifier, value: message.encoded())
        }
        try batch.put(
            schema.sends, row: ChatKeys.send(send.user, send.clientMessageID),
            qualifier: ChatSchema.qualifier, value: SendValue(receipt).encoded(),
            timeToLive: repeatLifetime)
    }
}
