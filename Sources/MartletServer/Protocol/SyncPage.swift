import MartletChat

/// The answer to `sync` and to a poll.
enum SyncPage {
    /// A page behind `seq`, cut to the bytes of a page.
    /// - Parameters:
    ///   - end: the cursor behind `events`; before `seq` if that was never this server's.
    ///   - limited: whether there is more behind `events`.
    static func frame(
        after seq: UInt64, _ events: [InboxEvent], _ end: InboxCursor, limited: Bool
    ) -> ServerFrame {
        // A cursor from a future this server never had.
        let reset = end.seq < seq
        let fitting = PageCut.fitting(events.lazy.map(PageCut.size), in: ProtocolLimits.pageBytes)
        let isCut = fitting < events.count
        let page = Array(events.prefix(fitting))
        let cursor = isCut ? InboxCursor(epoch: end.epoch, seq: page.last?.seq ?? seq) : end
        return .sync(cursor, page, limited: limited || isCut, reset: reset)
    }
}
