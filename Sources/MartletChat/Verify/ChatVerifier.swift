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
        /// Groups.
        public var groups: UInt64 = 0
        /// Rows of members, also of those who have left.
        public var members: UInt64 = 0
        /// Messages of groups, without the notices.
        public var groupMessages: UInt64 = 0
        /// Notices of groups: what changed about them.
        public var notices: UInt64 = 0
        /// Conversations as seen by each side.
        public var conversationSides: UInt64 = 0
        /// One-to-one conversations; both sides are one.
        public var conversations: UInt64 = 0
        /// Message copies.
        public var messageCopies: UInt64 = 0
        /// Messages of one-to-one conversations; both copies are one.
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
        try verifyGroups()
        try verifyMembers()
        try verifyGroupMessages()
        try verifyHidden()
        try verifyLinks()
        try verifyPeople()
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

    /// The row's value; `nil` if there is none, or it cannot be read.
    func stored<Value>(
        _ family: Family, _ row: some Bytes, _ decode: ([UInt8]) -> Value?
    ) throws(StoreError) -> Value? {
        try store.value(family, row).flatMap(decode)
    }
}
