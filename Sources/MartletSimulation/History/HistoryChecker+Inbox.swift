/// Inboxes: pages, pushes and the devices' cursors.
extension HistoryChecker {
    mutating func take(_ page: SeenPage, of device: DeviceKey, asked: Int, at place: Int) {
        guard case .pageAsked(_, let cursor) = observations[asked] else { return }
        let key = InboxKey(user: device.user, epoch: page.cursor.epoch)
        let known = inboxes[key, default: InboxState()].known.known(before: asked)
        if page.isReset {
            if cursor.epoch == page.cursor.epoch {
                add(.badReset, "a cursor of this epoch was refused", asked, place)
            }
            if page.cursor.seq < known.value {
                add(
                    missing: .event(key, known.value), "a reset to before seq \(known.value)",
                    known.place, asked, place)
            }
            return
        }
        if cursor.epoch != page.cursor.epoch, cursor.epoch != 0 {
            add(.badReset, "a page of another epoch without a reset", asked, place)
        }
        var expected = cursor.seq
        for event in page.events {
            expected += 1
            if event.seq != expected {
                add(.gap, "a page has \(event.seq) in the place of \(expected)", asked, place)
                expected = event.seq
            }
            see(event, in: key, at: place)
            checkRevision(of: event, for: device.user, asked: asked, at: place)
        }
        if page.cursor.seq != expected {
            add(.gap, "a page ends at \(expected), its cursor at \(page.cursor)", asked, place)
        }
        if page.isLimited, page.events.isEmpty {
            add(.gap, "there is more, but the page is empty", asked, place)
        }
        if !page.isLimited, page.cursor.seq < known.value {
            add(
                missing: .event(key, known.value), "a page ends before seq \(known.value)",
                known.place, asked, place)
        }
    }

    mutating func push(
        _ event: SeenEvent, to device: DeviceKey, _ epoch: UInt64, _ connection: Int?,
        at place: Int
    ) {
        see(event, in: InboxKey(user: device.user, epoch: epoch), at: place)
        guard let connection else { return }
        if let last = connections[connection], event.seq != last.seq + 1 {
            add(.gap, "a connection skipped from \(last.seq) to \(event.seq)", last.place, place)
        }
        connections[connection] = (event.seq, place)
    }

    mutating func apply(
        _ event: SeenEvent, on device: DeviceKey, _ epoch: UInt64, at place: Int
    ) {
        see(event, in: InboxKey(user: device.user, epoch: epoch), at: place)
        let before = cursors[device] ?? (SeenCursor(epoch: epoch, seq: 0), place)
        if epoch < before.cursor.epoch
            || (epoch == before.cursor.epoch && event.seq <= before.cursor.seq)
        {
            add(
                .wentBack, "\(device) went from \(before.cursor) to \(epoch):\(event.seq)",
                before.place, place)
        } else if epoch != before.cursor.epoch || event.seq != before.cursor.seq + 1 {
            add(
                .gap, "\(device) went from \(before.cursor) to \(epoch):\(event.seq)", before.place,
                place)
        }
        cursors[device] = (SeenCursor(epoch: epoch, seq: event.seq), place)
    }

    mutating func reset(_ device: DeviceKey, to cursor: SeenCursor, at place: Int) {
        if let before = cursors[device],
            cursor.epoch < before.cursor.epoch
                || (cursor.epoch == before.cursor.epoch && cursor.seq < before.cursor.seq)
        {
            add(.wentBack, "\(device) started afresh before \(before.cursor)", before.place, place)
        }
        cursors[device] = (cursor, place)
    }

    /// An event was shown, or (`isRead` false) named in an acknowledgement.
    mutating func see(
        _ event: SeenEvent, in key: InboxKey, at place: Int, isRead: Bool = true
    ) {
        if let record = inboxes[key]?.events[event.seq] {
            if !Self.areSame(record.event, event) {
                add(
                    .disagreement, "\(String(key.user, radix: 16)) has two events \(event.seq)",
                    record.place, place)
            }
            if isRead { inboxes[key]?.events[event.seq]?.lastRead = place }
        } else {
            checkOrigin(of: event, for: key.user, at: place)
            inboxes[key, default: InboxState()].events[event.seq] = InboxState.Seen(
                event: event, place: place, lastRead: isRead ? place : nil)
            inboxes[key]?.known.reach(event.seq, at: place)
        }
        switch event.kind {
        case .message(let message), .changed(let message):
            if isRead { see(message, by: key.user, at: place) }
        default: break
        }
    }

    /// Whether two sights are of one event: a message may have been edited in between.
    private static func areSame(_ one: SeenEvent, _ other: SeenEvent) -> Bool {
        switch (one.kind, other.kind) {
        case (.message(let a), .message(let b)), (.changed(let a), .changed(let b)):
            a.conversation == b.conversation && a.number == b.number
        default: one.kind == other.kind
        }
    }

    /// A receipt that nobody gave.
    private mutating func checkOrigin(of event: SeenEvent, for user: UInt64, at place: Int) {
        let key: MoveKey
        let number: UInt64
        switch event.kind {
        case .peer(let receipt, let conversation, let upTo):
            let peer = conversation.peer(of: user) ?? user
            key = MoveKey(user: peer, receipt: receipt, conversation: conversation)
            number = upTo
        case .own(let receipt, let conversation, let upTo):
            key = MoveKey(user: user, receipt: receipt, conversation: conversation)
            number = upTo
        default: return
        }
        if !mayRead(user, key.conversation, number) {
            add(.foreign, "a receipt of \(key.conversation)", place)
        }
        if movesAsked[key]?.value ?? 0 < number {
            add(.invented, "nobody had moved \(key.receipt) of \(key.conversation) so far", place)
        }
        stands.append((key.conversation, number, place))
    }

    private mutating func checkRevision(
        of event: SeenEvent, for user: UInt64, asked: Int, at place: Int
    ) {
        switch event.kind {
        case .message(let message), .changed(let message):
            checkRevision(message, for: user, asked, at: place)
        default: break
        }
    }

    /// A message that was changed before the request must not be shown as it was.
    mutating func checkRevision(
        _ message: SeenMessage, for user: UInt64, _ asked: Int, at place: Int
    ) {
        let key = HiddenKey(
            user: user, conversation: message.conversation, number: message.number)
        if let since = hidden[key], since < asked, !message.isHidden {
            add(.stale, "the message was deleted already", since, asked, place)
        }
        let revisions = conversations[message.conversation]?.seen[message.number]?.revisions
        guard let known = revisions?.known(before: asked), known.value > message.revision,
            !message.isHidden, !hasLeft(user, message.conversation, message.number)
        else { return }
        add(.stale, "revision \(known.value) was there already", known.place, asked, place)
    }

    // MARK: The whole inbox

    /// In the order of an inbox, messages of a conversation come in the order of their numbers and
    /// receipts only grow; from seq 1 on nothing is left out.
    mutating func checkOrder(of key: InboxKey) {
        guard let inbox = inboxes[key] else { return }
        var numbers: [ConversationKey: (number: UInt64, place: Int)] = [:]
        var receipts: [SeenEvent.Kind: (upTo: UInt64, place: Int)] = [:]
        var isWhole = true
        var previous: UInt64 = 0
        for seq in inbox.events.keys.sorted() {
            guard let seen = inbox.events[seq] else { continue }
            isWhole = isWhole && seq == previous + 1
            previous = seq
            switch seen.event.kind {
            case .message(let message):
                let last = numbers[message.conversation] ?? (0, seen.place)
                check(message, after: last, key.user, isWhole, at: seen.place)
                numbers[message.conversation] = (message.number, seen.place)
            case .peer(let receipt, let conversation, let upTo):
                checkGrowth(
                    .peer(receipt, conversation, upTo: 0), upTo, &receipts, at: seen.place)
                if isWhole, numbers[conversation]?.number ?? 0 < upTo {
                    add(.invented, "a receipt beyond the last message", seen.place)
                }
            case .own(let receipt, let conversation, let upTo):
                checkGrowth(
                    .own(receipt, conversation, upTo: 0), upTo, &receipts, at: seen.place)
            case .changed, .other: break
            }
        }
    }

    private mutating func check(
        _ message: SeenMessage, after last: (number: UInt64, place: Int), _ user: UInt64,
        _ isWhole: Bool, at place: Int
    ) {
        if message.number == last.number {
            add(.doubled, "two events for \(message)", last.place, place)
        } else if message.number < last.number {
            add(.reordered, "\(message) comes behind no. \(last.number)", last.place, place)
        } else if isWhole {
            let next = nextReadable(by: user, in: message.conversation, after: last.number)
            if let next, next != message.number {
                add(.gap, "\(message) follows no. \(last.number)", last.place, place)
            }
        }
    }

    private mutating func checkGrowth(
        _ kind: SeenEvent.Kind, _ upTo: UInt64,
        _ receipts: inout [SeenEvent.Kind: (upTo: UInt64, place: Int)], at place: Int
    ) {
        if let last = receipts[kind], upTo <= last.upTo {
            add(.wentBack, "a receipt went from \(last.upTo) to \(upTo)", last.place, place)
        }
        receipts[kind] = (upTo, place)
    }
}
