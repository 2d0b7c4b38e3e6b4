import MartletStore
import Testing

@testable import MartletChat

@Suite("The chat beside a simple model of it")
struct ChatModelTests {
    @Test("whatever is asked, fails and is cut short, all see what they should", arguments: 0..<200)
    func everything(_ seed: UInt64) throws {
        let script = try LedgerScript(seed: seed)
        try script.makeGroups()
        for _ in 0..<500 { try script.step() }
        try script.settle()
        try script.check()
        #expect(script.problems == [], "seed \(seed)")
        #expect(script.committed > 10, "seed \(seed) stores next to nothing")
    }
}

extension LedgerScript {
    /// Inboxes, histories and summaries of every user against the model, and the verifier.
    func check() throws {
        for user in Self.users {
            try checkInbox(user)
            try checkSummaries(user)
            let peers = (Self.users + [UserID(rawValue: 99)]).map { ConversationID(with: $0) }
            for id in peers + SplitMix.groups { try checkHistory(user, id) }
        }
        var verifier = try ChatVerifier(chat.store)
        for finding in try verifier.run().errors { problem("\(finding)") }
    }

    private func checkInbox(_ user: UserID) throws {
        var seen: [String] = []
        var seq: UInt64 = 0
        while true {
            let page = try chat.inbox.events(user, after: seq, limit: Int(random.next() % 20) + 1)
            for event in page.events {
                seq += 1
                if event.seq != seq { problem("event \(event.seq) where \(seq) was due") }
                seen.append(Self.describe(event.kind))
            }
            if !page.limited { break }
        }
        let wanted = (stored.inboxes[user] ?? []).map { pointer -> String in
            let shown = stored.show(user, pointer.conversation, pointer.number)
            return switch pointer.kind {
            case .message: "message \(shown)"
            case .changed: "changed \(shown)"
            case .contact: stored.showContact(user, pointer.conversation.peer)
            case .settings: "settings \(stored.settings[user] ?? SettingsValue())"
            default: "\(pointer.kind) \(pointer.conversation) \(pointer.number)"
            }
        }
        differ("inbox of \(user)", seen, wanted)
    }

    private func checkHistory(_ user: UserID, _ id: ConversationID) throws {
        let place = ModelChat.Place(user, id)
        let last = stored.conversations[place]?.last ?? 0
        let wanted = (0...last).filter { stored.mayRead(user, place, $0) }
            .map { stored.show(user, id, $0) }
        var known = id.isGroup ? stored.conversations[place]?.stays[user] != nil : true
        if !id.isGroup { known = Self.users.contains(id.peer) }
        var pages: [[Message]] = []
        let forward = random.next() % 2 == 0
        var range: HistoryRange = forward ? .after(0) : .newest
        while true {
            let limit = Int(random.next() % 9) + 1
            guard let page = try chat.history.history(user, id, range, limit: limit) else {
                if known { problem("\(user) has no history of \(id)") }
                return
            }
            if !known { problem("\(user) has a history of \(id)") }
            pages.append(page.messages)
            if page.messages.count > limit { problem("a page is too long") }
            guard page.hasMore, let first = page.messages.first, let last = page.messages.last
            else { break }
            range = forward ? .after(last.number) : .before(first.number)
        }
        let messages = (forward ? pages : pages.reversed()).flatMap { $0 }
        differ("history of \(user) in \(id)", messages.map { Self.describe($0) }, wanted)
    }

    private func checkSummaries(_ user: UserID) throws {
        let page = try chat.history.conversations(user, limit: 100, after: nil)
        let seen = page.conversations.map { summary in
            "\(summary.conversation) \(summary.name) \(summary.last) \(summary.read) "
                + "\(summary.delivered) \(summary.peerRead) \(summary.peerDelivered) "
                + (summary.lastMessage.map { Self.describe($0) } ?? "nothing")
                + " \(summary.mutedUntil) "
                + (summary.group.map { "\($0.role?.description ?? "none") \($0.members)" } ?? "")
        }
        differ("conversations of \(user)", seen, stored.summaries(user))
    }

    private func differ(_ what: String, _ seen: [String], _ wanted: [String]) {
        guard seen != wanted else { return }
        let place = zip(seen, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let index = place ?? min(seen.count, wanted.count)
        let one = index < seen.count ? seen[index] : "nothing more"
        let other = index < wanted.count ? wanted[index] : "nothing more"
        problem("\(what), place \(index): '\(one)', not '\(other)'")
    }

    private static func describe(_ kind: InboxEvent.Kind) -> String {
        switch kind {
        case .message(let message): "message \(describe(message))"
        case .changed(let message): "changed \(describe(message))"
        case .delivered(let id, let upTo): "delivered \(id) \(upTo)"
        case .read(let id, let upTo, .own): "readByOwn \(id) \(upTo)"
        case .read(let id, let upTo, .peer): "readByPeer \(id) \(upTo)"
        case .contact(let contact):
            "contact \(contact.user) \(contact.name) \(contact.state) \(contact.isBlocked)"
        case .muted(let id, let until): "muted \(id) \(until)"
        case .settings(let settings): "settings \(settings)"
        }
    }

    private static func describe(_ message: Message) -> String {
        let head = "\(message.conversation) \(message.number) \(message.sender) \(message.sentAt)"
        switch message.removal {
        case .forMe: return head + " deleted for me" + (message.text.isEmpty ? "" : " with a text")
        case .forAll: return head + " deleted" + (message.text.isEmpty ? "" : " with a text")
        case nil:
            return head + " '\(message.text)' \(message.replyTo ?? 0) \(message.editedAt != nil)"
                + " \(message.notice.map { "\($0)" } ?? "")"
        }
    }
}

extension ModelChat {
    /// Where a user stands in each conversation, in the order of their ids.
    func summaries(_ user: UserID) -> [String] {
        var found: [(UInt64, String)] = []
        for (place, conversation) in conversations {
            switch place {
            case .pair(let pair):
                guard pair.low == user || pair.high == user else { continue }
                let peer = pair.low == user ? pair.high : pair.low
                let (own, theirs) = (conversation.cursors[user], conversation.cursors[peer])
                let id = ConversationID(with: peer)
                found.append(
                    (
                        id.rawValue,
                        "\(id) u\(peer.rawValue) \(conversation.last) \(own?.read ?? 0) "
                            + "\(own?.delivered ?? 0) \(theirs?.shownRead ?? 0) "
                            + "\(theirs?.shownDelivered ?? 0) "
                            + "\(show(user, id, conversation.last)) \(muted(user, id)) "
                    ))
            case .group(let id):
                guard conversation.stays[user] != nil else { continue }
                let own = conversation.cursors[user]
                let last = last(user, place)
                let parting = conversation.partings[user]
                let role = conversation.roles[user]?.description ?? "none"
                found.append(
                    (
                        id.rawValue,
                        "\(id) \(parting?.name ?? conversation.name) \(last) \(own?.read ?? 0) "
                            + "\(own?.delivered ?? 0) 0 0 \(show(user, id, last)) "
                            + "\(muted(user, id)) "
                            + "\(role) \(parting?.members ?? conversation.roles.count)"
                    ))
            }
        }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
