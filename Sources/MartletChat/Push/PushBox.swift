import MartletStore

/// Subscriptions and the outbox of pushes, as rows. Blocks: reader pool only.
///
/// The inbox itself is the durable list of what to tell: each subscription knows up to which event
/// it was looked through, so a crash between a message and its push loses none, and the send path
/// writes nothing for pushes. Rows of the outbox are changed by one caller at a time.
///
/// `@unchecked Sendable`: `users` is touched under `monitor` only, which also serialises changes of
/// the outbox's rows.
final class PushBox: @unchecked Sendable {
    private let store: Store
    private let schema: ChatSchema
    private let history: HistoryReader
    private let directory: Directory
    private let durability: Durability
    private let clock: any StoreClock
    private let monitor = Monitor()
    /// Users who have a subscription; `nil` before they were read.
    private var users: Set<UserID>?

    /// Events that one look goes through at most. One who is further behind is told of the newest.
    private static let eventsMax = 1_000

    init(
        store: Store, schema: ChatSchema, history: HistoryReader, directory: Directory,
        durability: Durability, clock: any StoreClock
    ) {
        self.store = store
        self.schema = schema
        self.history = history
        self.directory = directory
        self.durability = durability
        self.clock = clock
    }

    // MARK: Subscriptions

    /// Reads who has subscribed; their devices may have pushes due.
    func load() throws(StoreError) -> [UserID] {
        let rows = try store.scan(schema.subscriptions)
        var found: Set<UserID> = []
        while let row = try rows.next() {
            found.insert(try ChatKeys.owner(row.key).orDamaged("subscriptions"))
        }
        monitor.withLock { users = (users ?? []).union(found) }
        return Array(found)
    }

    /// Those of `candidates` who have a subscription. Does not block on the disk.
    func subscribers(among candidates: some Sequence<UserID>) -> [UserID] {
        monitor.withLock {
            guard let users, !users.isEmpty else { return [] }
            return candidates.filter { users.contains($0) }
        }
    }

    func subscribe(
        _ user: UserID, _ device: DeviceID, target: [UInt8], showsText: Bool
    ) throws(StoreError) {
        // What came before is no news to a device that subscribes only now.
        let seq = try InboxReader.lastSeq(history.view, user)
        var batch = WriteBatch()
        try batch.put(
            schema.subscriptions, ChatKeys.device(user, device),
            SubscriptionValue(showsText: showsText, seq: seq, target: target).encoded())
        try store.write(batch, durability: durability)
        monitor.withLock { _ = users?.insert(user) }
    }

    /// Forgets a device's subscription and what waits for it. With `target`, only if that is still
    /// the stored one.
    func unsubscribe(
        _ user: UserID, _ device: DeviceID, onlyIf target: [UInt8]? = nil
    ) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            let row = ChatKeys.device(user, device)
            guard let bytes = try store.value(schema.subscriptions, row) else { return }
            let value = try SubscriptionValue(bytes).orDamaged("subscriptions")
            guard target == nil || target == value.target else { return }
            var batch = WriteBatch()
            try batch.delete(schema.subscriptions, row)
            for family in [schema.pushes, schema.deadPushes] {
                let rows = try store.scan(family, .prefix(row))
                while let found = try rows.next() {
                    try batch.delete(family, found.key)
                    if family == schema.pushes, let dueAt = ChatKeys.number(found.value, at: 0) {
                        try batch.delete(schema.pushQueue, Self.queueKey(dueAt, found.key))
                    }
                }
            }
            try store.write(batch, durability: durability)
        }
    }

    // MARK: What is due

    /// Looks through the inbox of `user` for messages that no device has, and remembers how far.
    /// - Parameter make: The scheduler's row for a due push.
    func collect(
        _ user: UserID, _ make: (DuePush) -> StoredPush?
    ) throws(StoreError) -> [StoredPush] {
        try monitor.withLock { () throws(StoreError) in
            let view = history.view
            let last = try InboxReader.lastSeq(view, user)
            var batch = WriteBatch()
            var stored: [StoredPush] = []
            let rows = try view.scan(schema.subscriptions, .prefix(ChatKeys.user(user)))
            while let row = try rows.next() {
                let device = try ChatKeys.number(row.key, at: 10).orDamaged("subscriptions")
                var value = try SubscriptionValue(row.value).orDamaged("subscriptions")
                guard value.seq < last else { continue }
                for (conversation, number) in try news(view, user, after: value.seq, last) {
                    let due = DuePush(
                        id: PushID(
                            user: user, device: DeviceID(rawValue: device),
                            conversation: conversation),
                        target: value.target, number: number)
                    guard let push = make(due) else { continue }
                    try put(push, into: &batch)
                    stored.append(push)
                }
                value.seq = last
                try batch.put(schema.subscriptions, row.key, value.encoded())
            }
            if !batch.isEmpty { try store.write(batch, durability: durability) }
            return stored
        }
    }

    /// The newest message of each conversation that somebody else wrote and no device has.
    private func news(
        _ view: ChatView, _ user: UserID, after seq: UInt64, _ last: UInt64
    ) throws(StoreError) -> [(ConversationID, UInt64)] {
        var scan = Scan.prefix(ChatKeys.user(user))
        let from = max(seq, last - min(last, UInt64(Self.eventsMax)))
        scan.start = ChatKeys.inbox(user, from).bytes
        scan.startInclusive = false
        let events = try view.scan(schema.inbox, scan)
        var newest: [ConversationID: UInt64] = [:]
        var order: [ConversationID] = []
        while let row = try events.next() {
            let value = try InboxValue(row.value).orDamaged("inbox")
            guard value.kind == .message else { continue }
            if newest.updateValue(value.number, forKey: value.conversation) == nil {
                order.append(value.conversation)
            }
        }
        var news: [(ConversationID, UInt64)] = []
        for conversation in order {
            guard let number = newest[conversation],
                try standing(view, user, conversation, number) != nil
            else { continue }
            news.append((conversation, number))
        }
        return news
    }

    private struct Standing {
        var summary: ConversationSummary
        var message: Message
    }

    /// `nil` where a push is not wanted, or not any more.
    private func standing(
        _ view: ChatView, _ user: UserID, _ conversation: ConversationID, _ number: UInt64
    ) throws(StoreError) -> Standing? {
        guard let row = try view.conversation(user, conversation),
            let summary = try history.summary(view, user, conversation, row),
            summary.delivered < number, summary.mutedUntil <= clock.now(),
            let message = try view.message(user, conversation, number),
            message.sender != user, message.removal == nil
        else { return nil }
        return Standing(summary: summary, message: message)
    }

    /// What a push may say now; `nil` where nothing is left to be said.
    func content(_ id: PushID, number: UInt64) throws(StoreError) -> PushContent? {
        let view = history.view
        let row = ChatKeys.device(id.user, id.device)
        guard let value = try view.value(schema.subscriptions, row, { SubscriptionValue($0) }),
            let standing = try standing(view, id.user, id.conversation, number)
        else { return nil }
        var content = PushContent(
            target: value.target, number: standing.message.number,
            unread: standing.summary.unread)
        if value.showsText {
            content.title = standing.summary.name
            content.text = standing.message.text
            if id.conversation.isGroup, standing.message.notice == nil {
                let author = try directory.name(of: standing.message.sender) ?? ""
                content.text = "\(author): \(standing.message.text)"
            }
        }
        return content
    }
}

// MARK: The outbox's rows

extension PushBox {
    private static func queueKey(_ dueAt: UInt64, _ id: some Bytes) -> RowKey {
        var key = RowKey(capacity: 40)
        key.append(dueAt)
        key.append(raw: id)
        return key
    }

    /// A row by id, which says when it is due, and one by that time.
    private func put(_ push: StoredPush, into batch: inout WriteBatch) throws(StoreError) {
        let id = push.id.key
        if let old = try store.value(schema.pushes, id).flatMap({ ChatKeys.number($0, at: 0) }) {
            try batch.delete(schema.pushQueue, Self.queueKey(old, id))
        }
        var value: [UInt8] = []
        value.append(big: push.dueAt)
        try batch.put(schema.pushes, id, value + push.state)
        try batch.put(schema.pushQueue, Self.queueKey(push.dueAt, id), push.state)
    }

    /// Up to `limit` pushes from (`dueAt`, `id`) on, in that order.
    func pending(
        from dueAt: UInt64, _ id: [UInt8], limit: Int
    ) throws(StoreError) -> [StoredPush] {
        var scan = Scan()
        scan.start = Self.queueKey(dueAt, id).bytes
        scan.limit = limit
        let rows = try store.scan(schema.pushQueue, scan)
        var found: [StoredPush] = []
        while let row = try rows.next() {
            let dueAt = try ChatKeys.number(row.key, at: 0).orDamaged("push_queue")
            let id = try PushID(bytes: Array(row.key[8...])).orDamaged("push_queue")
            found.append(StoredPush(id: id, dueAt: dueAt, state: row.value))
        }
        return found
    }

    /// What becomes of a stored push.
    enum Change: Sendable {
        case store(StoredPush)
        case remove
        /// To the dead letters.
        case bury(StoredPush)
    }

    /// Changes a push if the store still has it as `isCurrent` says. One whose device or user is
    /// gone leaves its place in the queue as well, which is at `queuedAt`.
    func change(
        _ id: PushID, to change: Change, queuedAt: UInt64 = 0, if isCurrent: ([UInt8]) -> Bool
    ) throws(StoreError) {
        try monitor.withLock { () throws(StoreError) in
            if try store.value(schema.pushes, id.key) == nil {
                var batch = WriteBatch()
                try batch.delete(schema.pushQueue, Self.queueKey(queuedAt, id.key))
                try store.write(batch, durability: .written)
                return
            }
            guard let bytes = try store.value(schema.pushes, id.key), bytes.count >= 8,
                let dueAt = ChatKeys.number(bytes, at: 0), isCurrent(Array(bytes[8...]))
            else { return }
            var batch = WriteBatch()
            switch change {
            case .store(let push):
                try put(push, into: &batch)
            case .remove, .bury:
                try batch.delete(schema.pushes, id.key)
                try batch.delete(schema.pushQueue, Self.queueKey(dueAt, id.key))
            }
            if case .bury(let push) = change {
                try batch.put(schema.deadPushes, id.key, push.state)
            }
            try store.write(batch, durability: durability)
        }
    }

    /// Dead letters in the order of their ids; at most `limit` behind `after`.
    func dead(after id: PushID?, limit: Int) throws(StoreError) -> [StoredPush] {
        var scan = Scan()
        if let id {
            scan.start = id.bytes
            scan.startInclusive = false
        }
        scan.limit = limit
        let rows = try store.scan(schema.deadPushes, scan)
        var found: [StoredPush] = []
        while let row = try rows.next() {
            let id = try PushID(bytes: row.key).orDamaged("dead_pushes")
            found.append(StoredPush(id: id, dueAt: 0, state: row.value))
        }
        return found
    }

    /// Takes a dead letter away, and puts what `revive` makes of its state into the outbox, unless
    /// a push of the same id is there.
    func takeDead(
        _ id: PushID, _ revive: ([UInt8]) -> StoredPush?
    ) throws(StoreError) -> TakenDeadPush {
        try monitor.withLock { () throws(StoreError) in
            guard let state = try store.value(schema.deadPushes, id.key) else { return .notThere }
            var batch = WriteBatch()
            try batch.delete(schema.deadPushes, id.key)
            var taken = TakenDeadPush.dropped
            if let push = revive(state), try store.value(schema.pushes, id.key) == nil {
                try put(push, into: &batch)
                taken = .revived(push)
            }
            try store.write(batch, durability: durability)
            return taken
        }
    }
}
