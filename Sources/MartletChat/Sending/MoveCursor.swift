/// Moves one of a user's cursors in a conversation forward.
struct MoveCursor: Procedure {
    enum Cursor: Sendable { case delivered, read }

    var user: UserID
    var conversation: ConversationID
    var cursor: Cursor
    var upTo: UInt64

    private var peer: UserID { conversation.peer }

    var keys: [FactKey] {
        if conversation.isGroup {
            return [
                .group(conversation), .member(conversation, user), .inbox(user), .settings(user),
            ]
        }
        return [
            .pair(Pair(user, peer)), .account(peer), .inbox(user), .inbox(peer),
            .settings(user), .relation(user, peer),
        ]
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        conversation.isGroup ? try runInGroup(&draft) : try runInPair(&draft)
    }

    private func runInPair(_ draft: inout Draft) throws(Halt) -> Answer {
        let ends = Pair(user, peer)
        var pair = try draft.pair(ends)
        // What there was with one whose account is deleted can still be read.
        let isThere = try draft.value(.account(peer)) == .flag(true)
        if !isThere {
            guard pair.last > 0 else { throw .refused(ChatService.noSuchUser) }
            pair.setGone(peer, in: ends)
        }
        var side = pair.side(of: user, in: ends)
        let upTo = min(upTo, pair.last)
        let current = cursor == .read ? side.read : side.delivered
        guard upTo > current else { return .moved(current) }
        let before = side
        side.delivered = max(side.delivered, upTo)
        if cursor == .read { side.read = upTo }
        if isThere, try draft.tellsReceipts(of: user, to: peer) {
            side.shownDelivered = side.delivered
            side.shownRead = side.read
        }
        pair.setSide(of: user, in: ends, side)
        draft.set(.pair(ends), .pair(pair))
        if cursor == .read { try tellOwn(upTo, &draft) }
        if isThere, peer != user { try tellPeer(before, side, &draft) }
        return .moved(upTo)
    }

    private func tellPeer(
        _ before: PairValue.Side, _ side: PairValue.Side, _ draft: inout Draft
    ) throws(Halt) {
        let named = ConversationID(with: user)
        if side.shownRead > before.shownRead {
            try draft.event(
                peer,
                InboxValue(kind: .readByPeer, conversation: named, number: side.shownRead),
                .read(named, upTo: side.shownRead, by: .peer))
        } else if side.shownDelivered > before.shownDelivered {
            try draft.event(
                peer,
                InboxValue(kind: .delivered, conversation: named, number: side.shownDelivered),
                .delivered(named, upTo: side.shownDelivered))
        }
    }

    private func tellOwn(_ upTo: UInt64, _ draft: inout Draft) throws(Halt) {
        try draft.event(
            user, InboxValue(kind: .readByOwn, conversation: conversation, number: upTo),
            .read(conversation, upTo: upTo, by: .own))
    }

    /// In a group nobody else gets an event: members look at each other's cursors when they want.
    private func runInGroup(_ draft: inout Draft) throws(Halt) -> Answer {
        guard let group = try draft.group(conversation),
            var member = try draft.member(conversation, user)
        else { throw .refused(GroupDraft.noSuchGroup) }
        let upTo = min(upTo, member.lastReadable(group.last))
        let current = cursor == .read ? member.read : member.delivered
        guard upTo > current else { return .moved(current) }
        member.delivered = max(member.delivered, upTo)
        if cursor == .read {
            member.read = upTo
            try tellOwn(upTo, &draft)
        }
        if try draft.settings(user).receipts {
            member.shownDelivered = member.delivered
            member.shownRead = member.read
        }
        draft.set(.member(conversation, user), .member(member))
        return .moved(upTo)
    }
}
