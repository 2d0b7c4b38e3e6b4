public import MartletStore

/// Checks what must hold for every chat store, reading through the store's API alone, one row at a
/// time: memory does not grow with the store. Write nothing meanwhile.
public struct ChatVerifier {
    /// What was counted and what is wrong.
    public struct Report: Sendable, Hashable {
        /// Accounts.
        public var users: UInt64 = 0
        /// Rows of `names`.
        public var names: UInt64 = 0
        /// Conversations as seen by each side.
        public var conversationSides: UInt64 = 0
        /// Conversations; both sides are one.
        public var conversations: UInt64 = 0
        /// Message copies.
        public var messageCopies: UInt64 = 0
        /// Messages; both copies are one.
        public var messages: UInt64 = 0
        /// Inbox events.
        public var inboxEvents: UInt64 = 0
        /// Dedupe rows.
        public var sends: UInt64 = 0
        /// Devices that are logged in.
        public var devices: UInt64 = 0
        /// Deleted users, whose ids are kept.
        public var deletedUsers: UInt64 = 0
        /// How many errors there are.
        public var errorCount: UInt64 = 0
        /// The first of them, in words.
        public var errors: [Finding] = []
    }

    /// One thing that is wrong.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// The table.
        public var table: String
        /// The row's key.
        public var row: [UInt8]
        /// What is wrong.
        public var problem: String

        /// `table hex-of-row: problem`.
        public var description: String {
            "\(table) \(HexDigits.print(bytes: row)): \(problem)"
        }
    }

    let store: Store
    let schema: ChatSchema
    /// `nil` in a store that no version with devices has opened yet.
    let accounts: AccountSchema?
    private let errorsKept: Int
    var report = Report()

    /// A verifier of `store`. Throws `.notFound` where there is no chat in it.
    /// - Parameter errorsKept: How many findings are kept in words; all are counted.
    public init(_ store: Store, errorsKept: Int = 100) throws(StoreError) {
        self.store = store
        self.errorsKept = errorsKept
        schema = try ChatSchema(store, creating: false)
        let isMigrated = store.tables.contains { $0.name == "deletions" }
        accounts = isMigrated ? try AccountSchema(store, schema) : nil
    }

    /// Reads everything. Blocks for long. Throws what the store throws.
    public mutating func run() throws(StoreError) -> Report {
        report = Report()
        try verifyAccounts()
        try verifyInboxes()
        try verifyMessages()
        try verifyConversations()
        try verifySends()
        return report
    }

    mutating func find(_ family: Family, _ row: [UInt8], _ problem: String) {
        report.errorCount += 1
        if report.errors.count < errorsKept {
            report.errors.append(Finding(table: family.table, row: row, problem: problem))
        }
    }

    func scan(_ family: Family) throws(StoreError) -> Scanner {
        var scan = Scan()
        scan.fillCache = false
        return try store.scan(family, scan)
    }

    private mutating func verifyInboxes() throws(StoreError) {
        let rows = try scan(schema.inbox)
        var owner: UserID?
        var expected: UInt64 = 1
        while let row = try rows.next() {
            report.inboxEvents += 1
            guard row.key.count == 18, let user = ChatKeys.owner(row.key),
                let seq = ChatKeys.number(row.key, at: 10), let value = InboxValue(row.value)
            else {
                find(schema.inbox, row.key, "the row cannot be read")
                continue
            }
            if user != owner {
                owner = user
                expected = 1
            }
            if seq != expected {
                find(schema.inbox, row.key, "seq \(seq) where \(expected) was due")
            }
            expected = seq &+ 1
            let target = ChatKeys.message(user, value.conversation, value.number)
            if try store.value(schema.messages, target) == nil {
                find(schema.inbox, row.key, "points at message \(value.number), which is missing")
            }
        }
    }

    private mutating func verifyMessages() throws(StoreError) {
        let rows = try scan(schema.messages)
        var previous: ArraySlice<UInt8> = []
        var expected: UInt64 = 1
        while let row = try rows.next() {
            report.messageCopies += 1
            guard row.key.count == 26, let user = ChatKeys.owner(row.key),
                let conversation = ChatKeys.number(row.key, at: 10),
                let number = ChatKeys.number(row.key, at: 18),
                let value = MessageValue(row.value)
            else {
                find(schema.messages, row.key, "the row cannot be read")
                continue
            }
            if row.key[..<18] != previous {
                try verifyLast(previous, expected &- 1)
                previous = row.key[..<18]
                expected = 1
            }
            if number != expected {
                find(schema.messages, row.key, "number \(number) where \(expected) was due")
            }
            expected = number &+ 1
            let peer = UserID(rawValue: conversation)
            if user.rawValue <= peer.rawValue { report.messages += 1 }
            try verifyCopy(row.key, user, peer, number, value)
        }
        try verifyLast(previous, expected &- 1)
    }

    private mutating func verifyCopy(
        _ row: [UInt8], _ user: UserID, _ peer: UserID, _ number: UInt64, _ value: MessageValue
    ) throws(StoreError) {
        guard value.sender == user || value.sender == peer else {
            return find(schema.messages, row, "the sender is not of the conversation")
        }
        if (value.clientMessageID != nil) != (value.sender == user) {
            find(schema.messages, row, "the client message id is not in the author's copy alone")
        }
        guard user != peer else { return }
        let other = ChatKeys.message(peer, ConversationID(with: user), number)
        guard var copy = try store.value(schema.messages, other).flatMap({ MessageValue($0) })
        else {
            // A deleted user's copies are gone.
            if try isDeleted(peer) { return }
            return find(schema.messages, row, "the other side's copy is missing")
        }
        copy.clientMessageID = value.clientMessageID
        if copy != value { find(schema.messages, row, "the other side's copy differs") }
    }

    /// That the conversation row of a run of messages has the last one's number.
    private mutating func verifyLast(
        _ row: ArraySlice<UInt8>, _ last: UInt64
    ) throws(StoreError) {
        guard !row.isEmpty else { return }
        let value = try store.value(schema.conversations, row).flatMap { ConversationValue($0) }
        if value?.last != last {
            find(
                schema.conversations, Array(row),
                "last is \(value?.last ?? 0), but the last message is \(last)")
        }
    }

    private mutating func verifyConversations() throws(StoreError) {
        let rows = try scan(schema.conversations)
        while let row = try rows.next() {
            report.conversationSides += 1
            guard row.key.count == 18, let user = ChatKeys.owner(row.key),
                let raw = ChatKeys.number(row.key, at: 10),
                let value = ConversationValue(row.value)
            else {
                find(schema.conversations, row.key, "the row cannot be read")
                continue
            }
            let peer = UserID(rawValue: raw)
            if user.rawValue <= raw { report.conversations += 1 }
            if value.read > value.delivered || value.delivered > value.last {
                find(schema.conversations, row.key, "read <= delivered <= last does not hold")
            }
            let other = ChatKeys.conversation(peer, ConversationID(with: user))
            let mirror = try store.value(schema.conversations, other)
                .flatMap { ConversationValue($0) }
            var isGone = false
            if mirror == nil { isGone = try isDeleted(peer) }
            if user != peer, mirror != value.mirrored, !isGone {
                find(schema.conversations, row.key, "the other side's row does not agree")
            }
            for id in [user, peer]
            where try store.value(schema.users, ChatKeys.user(id)) == nil {
                find(schema.conversations, row.key, "user \(id) does not exist")
            }
            let last = ChatKeys.message(user, ConversationID(with: peer), value.last)
            if try store.value(schema.messages, last) == nil {
                find(schema.conversations, row.key, "message \(value.last) is missing")
            }
        }
    }

    private mutating func verifySends() throws(StoreError) {
        let rows = try scan(schema.sends)
        while let row = try rows.next() {
            report.sends += 1
            guard row.key.count > 10, let user = ChatKeys.owner(row.key),
                let value = SendValue(row.value)
            else {
                find(schema.sends, row.key, "the row cannot be read")
                continue
            }
            let message = try store.value(
                schema.messages, ChatKeys.message(user, value.conversation, value.number)
            ).flatMap { MessageValue($0) }
            if message?.sender != user
                || message?.clientMessageID.map({ Array($0.utf8) }) != Array(row.key[10...])
            {
                find(schema.sends, row.key, "the message it got is missing or another one")
            }
            let event = try store.value(schema.inbox, ChatKeys.inbox(user, value.seq))
                .flatMap { InboxValue($0) }
            if event
                != InboxValue(
                    kind: .message, conversation: value.conversation, number: value.number)
            {
                find(schema.sends, row.key, "the inbox event it got is missing or another one")
            }
        }
    }
}
