import MartletStore

/// Reads a user's inbox. Blocks: reader pool only.
struct InboxReader: Sendable {
    /// Bytes of text at which a page is cut.
    static let pageBytes = 256 << 10

    let store: Store
    let schema: ChatSchema
    let facts: FactReader

    func events(
        _ user: UserID, after seq: UInt64, limit: Int
    ) throws(StoreError) -> InboxPage {
        let last = try facts.lastSeq(user)
        var page = InboxPage(
            events: [], cursor: InboxCursor(epoch: store.epoch, seq: min(seq, last)),
            limited: false, behind: 0)
        guard seq < last else { return page }
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.start = ChatKeys.inbox(user, seq).bytes
        scan.startInclusive = false
        scan.limit = limit
        let scanner = try store.scan(schema.inbox, scan)
        var bytes = 0
        while bytes < Self.pageBytes, let row = try scanner.next() {
            let seq = try ChatKeys.number(row.key, at: 10).orDamaged("inbox")
            let value = try InboxValue(row.value).orDamaged("inbox")
            var message: MessageValue?
            if value.kind == .message {
                let key = ChatKeys.message(user, value.conversation, value.number)
                let stored = try store.value(schema.messages, key).orDamaged("messages")
                message = try MessageValue(stored).orDamaged("messages")
                bytes += stored.count
            }
            page.events.append(try InboxEvent(seq: seq, value, message).orDamaged("inbox"))
            page.cursor.seq = seq
        }
        page.behind = last - min(page.cursor.seq, last)
        page.limited = page.behind > 0
        return page
    }
}
