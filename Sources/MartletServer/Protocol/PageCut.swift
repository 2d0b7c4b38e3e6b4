import MartletChat

/// Pages are cut by their encoded size too, so that one answer never fills a socket's queue.
enum PageCut {
    /// How many of `sizes`, taken in their order, fit; at least one.
    static func fitting(_ sizes: some Sequence<Int>, in limit: Int) -> Int {
        var total = 0
        var count = 0
        for size in sizes {
            total += size
            if total > limit && count > 0 { break }
            count += 1
        }
        return count
    }

    /// An upper bound of a message's encoded size in bytes.
    static func size(_ message: Message) -> Int {
        var escapes = 0
        for byte in message.text.utf8 where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            escapes += 5
        }
        let notice = message.notice.map { 128 + 6 * ($0.name?.utf8.count ?? 0) } ?? 0
        return 320 + 6 * (message.clientMessageID?.utf8.count ?? 0)
            + message.text.utf8.count + escapes + notice
    }

    static func size(_ event: InboxEvent) -> Int {
        switch event.kind {
        case .message(let message), .changed(let message): 64 + size(message)
        case .delivered, .read, .contact, .muted, .settings: 256
        }
    }

    /// As many conversations, with as many of their newest messages, as fit into a page.
    static func fitting(_ page: StartPage) -> StartPage {
        var cut = page
        cut.conversations = []
        var rest = ProtocolLimits.pageBytes
        for conversation in page.conversations {
            rest -= size(conversation.summary)
            // Each conversation shows its newest message at least.
            let newest = conversation.messages.last.map(size) ?? 0
            if rest < newest, !cut.conversations.isEmpty { break }
            let fits = fitting(conversation.messages.reversed().lazy.map(size), in: max(0, rest))
            var shown = conversation
            shown.hasMore = conversation.hasMore || fits < conversation.messages.count
            shown.messages = Array(conversation.messages.suffix(fits))
            rest -= shown.messages.reduce(0) { $0 + size($1) }
            cut.conversations.append(shown)
        }
        cut.hasMore = page.hasMore || cut.conversations.count < page.conversations.count
        return cut
    }

    static func size(_ summary: ConversationSummary) -> Int {
        300 + 6 * summary.name.utf8.count + (summary.lastMessage.map(size) ?? 0)
    }
}
