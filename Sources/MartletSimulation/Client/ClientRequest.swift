/// What a client asks a server for.
package enum ClientRequest: Hashable, Sendable {
    case sync(SeenCursor, limit: Int)
    case send(ClientSend)
    case history(ConversationKey, SeenRange, limit: Int)
    case move(SeenReceipt, ConversationKey, upTo: UInt64)
    case summaries
    /// Makes a group of the user and `members`.
    case create(name: String, members: [UInt64], clientMessageID: String)
    case change(ConversationKey, ClientChange)
}

/// What a client changes about a conversation.
package enum ClientChange: Hashable, Sendable {
    case add([UInt64])
    case remove(UInt64)
    case leave
    case edit(UInt64, content: String)
    case delete(UInt64)
    /// Deletes for the own devices alone.
    case hide(UInt64)
}

/// A request with the id that its answer carries.
package struct ClientCall: Hashable, Sendable {
    package var id: Int
    package var request: ClientRequest
}

/// What a server answers.
package enum ClientAnswer: Hashable, Sendable {
    case page(SeenPage)
    case sent(SeenAnswer)
    case history([SeenMessage], hasMore: Bool)
    case moved(UInt64)
    /// All conversations of the user.
    case summaries([SeenSummary])
    /// The number of a group's change, if something changed.
    case noticed(ConversationKey, number: UInt64?)
    /// The revision of a message that was edited or deleted for all.
    case revised(UInt64)
    case hidden
    /// `isFinal`: asking again is of no use, and nothing was stored.
    case failed(isFinal: Bool)
}
