import MartletStore

/// Reads a user's inbox. Blocks: reader pool only.
struct InboxReader: Sendable {
    /// Bytes of text at which a page is cut.
    static let pageBytes = 256 << 10

    let store: Store
    let schema: ChatSchema
    let facts: FactReader
    let directory: Directory
    /// Whether the store is a follower's.
    var isFollowing = false

    func events(
        _ user: UserID, after seq: UInt64, limit: Int
    ) throws(StoreError) -> InboxPage {
        let view = ChatView(store, schema)
        let last = try Self.lastSeq(view, user)
        var page = InboxPage(
            events: [], cursor: InboxCursor(epoch: store.cursorEpoch, seq: min(seq, last)),
            limited: false, behind: 0)
        // Of a follower it is the store that is behind, not the cursor that is wrong.
        if isFollowing, seq > last { page.cursor.seq = seq }
        guard seq < last else { return page }
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.start = ChatKeys.inbox(user, seq).bytes
        scan.startInclusive = false
        scan.limit = limit
        let scanner = try view.scan(schema.inbox, scan)
        var rendering = Rendering(view: view, directory: directory, user: user)
        while rendering.bytes < Self.pageBytes, let row = try scanner.next() {
            let seq = try ChatKeys.number(row.key, at: 10).orDamaged("inbox")
            let value = try InboxValue(row.value).orDamaged("inbox")
            let kind = try rendering.kind(value).orDamaged("inbox")
            page.events.append(InboxEvent(seq: seq, kind: kind))
            page.cursor.seq = seq
        }
        page.behind = last - min(page.cursor.seq, last)
        page.limited = page.behind > 0
        return page
    }

    /// The last event in a user's inbox; 0 for none.
    static func lastSeq(_ view: ChatView, _ user: UserID) throws(StoreError) -> UInt64 {
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.reversed = true
        scan.limit = 1
        guard let row = try view.scan(view.schema.inbox, scan).next() else { return 0 }
        return try ChatKeys.number(row.key, at: 10).orDamaged("inbox")
    }
}

/// Turns pointers of one inbox into events: what they point at is shown as it is now.
private struct Rendering {
    let view: ChatView
    let directory: Directory
    let user: UserID
    /// Bytes of text so far.
    var bytes = 0
    private var members: [ConversationID: MemberValue] = [:]

    init(view: ChatView, directory: Directory, user: UserID) {
        self.view = view
        self.directory = directory
        self.user = user
    }

    /// `nil` where the message is missing.
    mutating func kind(_ value: InboxValue) throws(StoreError) -> InboxEvent.Kind? {
        switch value.kind {
        case .message:
            return try message(value).map { .message($0) }
        case .changed:
            return try message(value).map { .changed($0) }
        case .delivered:
            return .delivered(value.conversation, upTo: value.number)
        case .readByPeer:
            return .read(value.conversation, upTo: value.number, by: .peer)
        case .readByOwn:
            return .read(value.conversation, upTo: value.number, by: .own)
        case .muted:
            return .muted(value.conversation, until: value.number)
        case .contact:
            let other = value.conversation.peer
            let row = try view.relation(user, other)
            return .contact(
                Contact(user: other, name: try directory.name(of: other) ?? "", row))
        case .settings:
            return .settings(try view.settings(user))
        }
    }

    private mutating func message(_ value: InboxValue) throws(StoreError) -> Message? {
        var member = members[value.conversation]
        if value.conversation.isGroup, member == nil {
            member = try view.member(value.conversation, user)
            members[value.conversation] = member
        }
        let message = try view.message(
            user, value.conversation, value.number, member: member)
        bytes += 64 + (message?.text.utf8.count ?? 0)
        return message
    }
}
