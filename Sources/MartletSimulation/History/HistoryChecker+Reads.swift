/// Pages of a conversation, summaries and the answers to moved cursors.
extension HistoryChecker {
    mutating func takeHistory(
        _ messages: [SeenMessage], _ hasMore: Bool, of device: DeviceKey, asked: Int,
        at place: Int
    ) {
        guard case .historyAsked(_, let conversation, let range) = observations[asked] else {
            return
        }
        let user = device.user
        for message in messages {
            if message.conversation != conversation {
                add(.foreign, "a page of \(conversation) holds \(message)", asked, place)
            }
            see(message, by: user, at: place)
            checkRevision(message, for: user, asked, at: place)
        }
        for (one, next) in zip(messages, messages.dropFirst())
        where next.number != nextReadable(by: user, in: conversation, after: one.number) {
            add(.gap, "no. \(next.number) follows no. \(one.number)", asked, place)
        }
        checkLow(messages, hasMore, conversation, range, user, asked, at: place)
        checkHigh(messages, hasMore, conversation, range, user, asked, at: place)
    }

    private mutating func checkLow(
        _ messages: [SeenMessage], _ hasMore: Bool, _ conversation: ConversationKey,
        _ range: SeenRange, _ user: UInt64, _ asked: Int, at place: Int
    ) {
        guard let first = messages.first?.number else { return }
        var start: UInt64 = 0
        if case .after(let number) = range { start = number } else if hasMore { return }
        if first != nextReadable(by: user, in: conversation, after: start) {
            add(.gap, "the page begins with no. \(first)", asked, place)
        }
    }

    private mutating func checkHigh(
        _ messages: [SeenMessage], _ hasMore: Bool, _ conversation: ConversationKey,
        _ range: SeenRange, _ user: UInt64, _ asked: Int, at place: Int
    ) {
        let known = known(conversation, before: asked)
        var end = known.value
        var reached = messages.last?.number ?? 0
        switch range {
        case .newest: break
        case .before(let number):
            end = min(end, number - min(number, 1))
            if !messages.isEmpty, reached >= number {
                add(.gap, "no. \(reached) was not asked for", asked, place)
            }
        case .after(let number):
            if hasMore { return }
            reached = max(reached, number)
        }
        let needed = lastReadable(by: user, in: conversation, upTo: end)
        if reached < needed {
            add(
                missing: .message(conversation, needed), "the page ends before no. \(needed)",
                known.place, asked, place)
        }
    }

    mutating func takeMove(_ upTo: UInt64, of device: DeviceKey, asked: Int, at place: Int) {
        guard case .moveAsked(_, let receipt, let conversation, let wanted) = observations[asked]
        else { return }
        let user = device.user
        let known = known(conversation, before: asked)
        let end = lastReadable(by: user, in: conversation, upTo: min(known.value, wanted))
        if upTo < end {
            add(.wentBack, "the cursor should stand at \(end)", known.place, asked, place)
        }
        checkFloor(upTo, receipt, user, conversation, asked, at: place)
        let key = MoveKey(user: user, receipt: receipt, conversation: conversation)
        movesAnswered[key, default: Timeline()].reach(upTo, at: place)
        if receipt == .read {
            let implied = MoveKey(user: user, receipt: .delivered, conversation: conversation)
            movesAnswered[implied, default: Timeline()].reach(upTo, at: place)
        }
        stands.append((conversation, upTo, place))
    }

    /// A cursor that is said to stand at `upTo` had not been further before the request.
    private mutating func checkFloor(
        _ upTo: UInt64, _ receipt: SeenReceipt, _ user: UInt64, _ conversation: ConversationKey,
        _ asked: Int, at place: Int
    ) {
        let key = MoveKey(user: user, receipt: receipt, conversation: conversation)
        guard let before = movesAnswered[key]?.known(before: asked), upTo < before.value else {
            return
        }
        add(
            .wentBack, "\(receipt) of \(conversation) stood at \(before.value) already",
            before.place, asked, place)
    }

    mutating func takeSummaries(
        _ list: [SeenSummary], of device: DeviceKey, asked: Int, at place: Int
    ) {
        let user = device.user
        for summary in list {
            let conversation = summary.conversation
            if let message = summary.lastMessage {
                see(message, by: user, at: place)
                if message.number != summary.last {
                    add(.disagreement, "the last message is not no. \(summary.last)", place)
                }
            }
            checkFloor(summary.read, .read, user, conversation, asked, at: place)
            if let peer = conversation.peer(of: user), peer != user {
                for (receipt, stand) in [
                    (SeenReceipt.delivered, summary.peerDelivered), (.read, summary.peerRead),
                ] {
                    guard let stand else { continue }
                    checkFloor(stand, receipt, peer, conversation, asked, at: place)
                }
            }
            let cursors = [summary.read, summary.peerDelivered ?? 0, summary.peerRead ?? 0]
            if cursors.contains(where: { $0 > summary.last }) {
                add(.invented, "a cursor beyond the last message in \(summary)", place)
            }
        }
        checkComplete(list, user, asked, at: place)
    }

    private mutating func checkComplete(
        _ list: [SeenSummary], _ user: UInt64, _ asked: Int, at place: Int
    ) {
        let lasts = Dictionary(
            list.map { ($0.conversation, $0.last) }, uniquingKeysWith: { first, _ in first })
        if lasts.count != list.count { add(.doubled, "a conversation is listed twice", place) }
        for (conversation, last) in lasts where !mayRead(user, conversation, last) {
            add(.foreign, "\(String(user, radix: 16)) is not part of \(conversation)", place)
        }
        for (conversation, state) in conversations {
            let known = state.known.known(before: asked)
            let needed = lastReadable(by: user, in: conversation, upTo: known.value)
            if lasts[conversation] ?? 0 < needed {
                add(
                    missing: .message(conversation, needed),
                    "the list of conversations does not reach \(conversation) no. \(needed)",
                    known.place, asked, place)
            }
        }
    }

    /// No cursor passes the last message.
    mutating func checkStands() {
        for stand in stands {
            let last = conversations[stand.conversation]?.known.value ?? 0
            if stand.upTo > last {
                add(
                    .invented, "a cursor at \(stand.upTo) of \(last) in \(stand.conversation)",
                    stand.place)
            }
        }
    }
}
