import MartletStore

/// A group's messages as far as one user may read them: those of the user's stays.
struct GroupHistory {
    private let view: ChatView
    private let id: ConversationID
    private let user: UserID
    private let last: UInt64
    private let member: MemberValue

    /// `nil` for one who never was a member.
    init?(
        _ view: ChatView, _ id: ConversationID, _ user: UserID
    ) throws(StoreError) {
        guard let group = try view.group(id), let member = try view.member(id, user) else {
            return nil
        }
        self.view = view
        self.id = id
        self.user = user
        self.member = member
        last = group.last
    }

    func page(_ range: HistoryRange, limit: Int) throws(StoreError) -> HistoryPage {
        var (low, high, isReversed) = (UInt64(1), last, true)
        switch range {
        case .newest: break
        case .before(let number): high = min(last, number == 0 ? 0 : number - 1)
        case .after(let number):
            (low, isReversed) = (number == .max ? .max : number + 1, false)
        }
        var messages: [Message] = []
        let stays = isReversed ? member.stays.reversed() : member.stays
        for stay in stays where messages.count <= limit {
            let from = max(low, stay.from)
            let to = min(high, stay.to ?? last)
            guard from <= to else { continue }
            try read(from, to, isReversed, limit: limit + 1 - messages.count, &messages)
        }
        let hasMore = messages.count > limit
        if hasMore { messages.removeLast() }
        if isReversed { messages.reverse() }
        return HistoryPage(messages: try hiding(messages), hasMore: hasMore)
    }

    private func read(
        _ from: UInt64, _ to: UInt64, _ isReversed: Bool, limit: Int,
        _ messages: inout [Message]
    ) throws(StoreError) {
        var scan = Scan.prefix(ChatKeys.group(id))
        scan.reversed = isReversed
        scan.start = ChatKeys.groupMessage(id, isReversed ? to : from).bytes
        scan.stop = ChatKeys.groupMessage(id, isReversed ? from : to).bytes
        scan.stopInclusive = true
        scan.limit = limit
        let scanner = try view.scan(view.schema.groupMessages, scan)
        while let row = try scanner.next() {
            let number = try ChatKeys.number(row.key, at: 10).orDamaged("group_messages")
            let value = try MessageValue(row.value).orDamaged("group_messages")
            messages.append(
                Message(id, number, value, for: user, as: member, isHidden: false))
        }
    }

    /// `messages`, in ascending order, without what the user has deleted for the own devices.
    private func hiding(_ messages: [Message]) throws(StoreError) -> [Message] {
        guard let first = messages.first, let last = messages.last else { return messages }
        var scan = Scan.prefix(ChatKeys.conversation(user, id))
        scan.start = ChatKeys.message(user, id, first.number).bytes
        scan.stop = ChatKeys.message(user, id, last.number).bytes
        scan.stopInclusive = true
        let scanner = try view.scan(view.schema.hidden, scan)
        var hidden: Set<UInt64> = []
        while let row = try scanner.next() {
            hidden.insert(try ChatKeys.number(row.key, at: 18).orDamaged("hidden"))
        }
        if hidden.isEmpty { return messages }
        return messages.map { message in
            var shown = message
            if hidden.contains(message.number) { shown.hide() }
            return shown
        }
    }
}
