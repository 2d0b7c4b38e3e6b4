/// What a client asks a server for.
package enum ClientRequest: Hashable, Sendable {
    case sync(SeenCursor, limit: Int)
    case send(ClientSend)
    case history(ConversationKey, SeenRange, limit: Int)
    case move(SeenReceipt, ConversationKey, upTo: UInt64)
    case summaries
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
    /// `isFinal`: asking again is of no use, and nothing was stored.
    case failed(isFinal: Bool)
}
