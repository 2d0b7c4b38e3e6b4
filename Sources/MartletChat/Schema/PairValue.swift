/// Both `conversations` rows of a one-to-one conversation: where each side stands, and what the
/// other side is told of it, which is less where a user does not send receipts.
struct PairValue: Hashable, Sendable {
    struct Side: Hashable, Sendable {
        /// read <= delivered <= last.
        var delivered: UInt64 = 0
        var read: UInt64 = 0
        /// What the peer is told; never beyond the above.
        var shownDelivered: UInt64 = 0
        var shownRead: UInt64 = 0
    }

    /// The last message's number.
    var last: UInt64 = 0
    var low = Side()
    var high = Side()
    /// Whose account is deleted, as far as a change has noticed: no row is written for one of whom
    /// nothing may be left.
    var isLowGone = false
    var isHighGone = false

    /// The side of `user`, who is one of `pair`.
    func side(of user: UserID, in pair: Pair) -> Side {
        user == pair.low ? low : high
    }

    mutating func setSide(of user: UserID, in pair: Pair, _ side: Side) {
        if user == pair.low { low = side }
        // In the conversation with oneself both are one.
        if user == pair.high { high = side }
    }

    mutating func setGone(_ user: UserID, in pair: Pair) {
        if user == pair.low { isLowGone = true } else { isHighGone = true }
    }

    /// The row of `user`'s side.
    func row(of user: UserID, in pair: Pair) -> ConversationValue {
        let own = side(of: user, in: pair)
        let peer = user == pair.low ? high : low
        return ConversationValue(
            last: last, delivered: own.delivered, read: own.read,
            peerDelivered: peer.shownDelivered, peerRead: peer.shownRead)
    }

    init() {}

    /// From the two rows; `nil` for one that is missing.
    init(low: ConversationValue?, high: ConversationValue?) {
        last = max(low?.last ?? 0, high?.last ?? 0)
        self.low = Side(
            delivered: low?.delivered ?? 0, read: low?.read ?? 0,
            shownDelivered: high?.peerDelivered ?? 0, shownRead: high?.peerRead ?? 0)
        self.high = Side(
            delivered: high?.delivered ?? 0, read: high?.read ?? 0,
            shownDelivered: low?.peerDelivered ?? 0, shownRead: low?.peerRead ?? 0)
    }
}
