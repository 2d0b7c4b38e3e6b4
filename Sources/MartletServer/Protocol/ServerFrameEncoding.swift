import MartletChat
import MartletPush

extension Answer {
    /// Writes the whole frame.
    package func write(to json: inout JSONWriter, facts: ServerFacts) {
        json.beginObject()
        if let id {
            json.key("id")
            json.string(id)
        }
        frame.writeVerb(to: &json, facts: facts, position: position)
        json.endObject()
    }
}

extension InboxEvent {
    /// Writes a live push.
    package func writeFrame(to json: inout JSONWriter) {
        json.beginObject()
        json.key("event")
        write(to: &json)
        json.endObject()
    }

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("seq")
        json.integer(seq)
        switch kind {
        case .message(let message):
            json.key("message")
            message.write(to: &json)
        case .changed(let message):
            json.key("changed")
            message.write(to: &json)
        case .contact(let contact):
            json.key("contact")
            contact.write(to: &json)
        case .muted(let conversation, let until):
            json.key("conversation")
            json.beginObject()
            json.field("conversation", id: conversation.rawValue)
            json.field("mutedUntil", until)
            json.endObject()
        case .settings(let settings):
            json.key("settings")
            settings.write(to: &json)
        case .delivered(let conversation, let upTo):
            json.key("delivered")
            json.beginObject()
            json.field("conversation", id: conversation.rawValue)
            json.field("upTo", upTo)
            json.endObject()
        case .read(let conversation, let upTo, let reader):
            json.key("read")
            json.beginObject()
            json.field("conversation", id: conversation.rawValue)
            json.field("upTo", upTo)
            json.field("by", reader == .own ? "own" : "peer")
            json.endObject()
        }
        json.endObject()
    }
}

extension Message {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("conversation", id: conversation.rawValue)
        json.field("number", number)
        json.field("sender", id: sender.rawValue)
        if let clientMessageID { json.field("clientMessageID", clientMessageID) }
        json.field("sentAt", sentAt)
        json.field("text", text)
        if let replyTo { json.field("replyTo", replyTo) }
        if revision > 0 { json.field("revision", revision) }
        if let editedAt { json.field("editedAt", editedAt) }
        if let removal { json.field("deleted", removal == .forAll ? "all" : "me") }
        if let notice {
            json.key("notice")
            notice.write(to: &json)
        }
        json.endObject()
    }
}

extension GroupNotice {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("kind", kind.description)
        if let user { json.field("user", id: user.rawValue) }
        if let name { json.field("name", name) }
        if let role { json.field("role", role.description) }
        json.endObject()
    }
}

extension ConversationSummary {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        writeFields(to: &json)
        json.endObject()
    }

    func writeFields(to json: inout JSONWriter) {
        json.field("conversation", id: conversation.rawValue)
        json.field("name", name)
        json.field("last", last)
        json.field("read", read)
        json.field("unread", unread)
        if mutedUntil > 0 { json.field("mutedUntil", mutedUntil) }
        if let group {
            json.key("group")
            json.beginObject()
            json.field("role", group.role?.description ?? "none")
            json.field("members", UInt64(group.members))
            json.field("from", group.from)
            json.endObject()
        } else {
            json.field("peerDelivered", peerDelivered)
            json.field("peerRead", peerRead)
        }
        if let lastMessage {
            json.key("lastMessage")
            lastMessage.write(to: &json)
        }
    }
}

extension Session {
    fileprivate func writeFields(to json: inout JSONWriter) {
        json.field("user", id: user.rawValue)
        json.field("name", name)
        if let device { json.field("device", id: device.rawValue) }
        if let token { json.field("token", token) }
        json.field("expiresAt", expiresAt)
    }
}

extension ErrorFrame {
    /// - Parameter facts: where the writes are taken is told where they are refused.
    fileprivate func write(to json: inout JSONWriter, facts: ServerFacts) {
        json.beginObject()
        json.field("code", code)
        json.field("status", UInt64(max(0, status)))
        json.field("message", message)
        if let retryAfter { json.field("retryAfter", retryAfter) }
        if isKept {
            json.key("kept")
            json.bool(true)
        }
        if isReadOnly, let primary = facts.readOnly()?.primary { json.field("primary", primary) }
        json.endObject()
    }
}

extension ServerFrame {
    fileprivate func writeVerb(
        to json: inout JSONWriter, facts: ServerFacts, position: UInt64?
    ) {
        switch self {
        case .hi(let epoch, let session, let refusal):
            json.key("hi")
            Self.writeHi(epoch, session, refusal, to: &json, facts: facts)
        case .session(let verb, let session):
            json.key(verb.key)
            json.beginObject()
            session.writeFields(to: &json)
            json.endObject()
        case .done(let verb):
            json.key(verb.key)
            json.beginObject()
            json.endObject()
        case .devices(let devices, let current):
            json.key("devices")
            json.beginObject()
            json.array("devices", devices) {
                $0.write(to: &$1, isCurrent: $0.device == current)
            }
            json.position(position)
            json.endObject()
        case .revoked(let device):
            json.key("revoke")
            json.beginObject()
            json.field("device", id: device.rawValue)
            json.endObject()
        case .found(let user, let name):
            json.key("find")
            json.beginObject()
            json.field("user", id: user.rawValue)
            json.field("name", name)
            json.position(position)
            json.endObject()
        case .sent(let receipt, let clientMessageID, let isPeerOnline):
            json.key("send")
            json.beginObject()
            json.field("conversation", id: receipt.conversation.rawValue)
            json.field("clientMessageID", clientMessageID)
            json.field("number", receipt.number)
            json.field("seq", receipt.seq)
            json.field("sentAt", receipt.sentAt)
            json.key("duplicate")
            json.bool(receipt.isDuplicate)
            if let isPeerOnline { json.field("peer", isPeerOnline ? "online" : "offline") }
            json.endObject()
        case .cursor(let verb, let conversation, let upTo):
            json.key(verb.key)
            json.beginObject()
            json.field("conversation", id: conversation.rawValue)
            json.field("upTo", upTo)
            json.endObject()
        case .subscribed(let kind):
            json.key("subscribe")
            json.beginObject()
            json.field("kind", kind.description)
            json.endObject()
        case .action(let verb, let result):
            json.key(verb)
            result.write(to: &json, position: position)
        case .error(let error):
            json.key("error")
            error.write(to: &json, facts: facts)
        case .history, .conversations, .sync:
            writePage(to: &json, position)
        }
    }

    private func writePage(to json: inout JSONWriter, _ position: UInt64?) {
        switch self {
        case .history(let conversation, let messages, let more):
            json.key("history")
            json.beginObject()
            json.field("conversation", id: conversation.rawValue)
            json.key("more")
            json.bool(more)
            json.array("messages", messages) { $0.write(to: &$1) }
            json.position(position)
            json.endObject()
        case .conversations(let conversations, let more):
            json.key("conversations")
            json.beginObject()
            json.key("more")
            json.bool(more)
            json.array("conversations", conversations) { $0.write(to: &$1) }
            json.position(position)
            json.endObject()
        case .sync(let cursor, let events, let limited, let reset):
            json.key("sync")
            json.beginObject()
            json.field("epoch", UInt64(cursor.epoch))
            json.field("seq", cursor.seq)
            json.key("limited")
            json.bool(limited)
            json.key("reset")
            json.bool(reset)
            json.array("events", events) { $0.write(to: &$1) }
            json.position(position)
            json.endObject()
        default:
            break
        }
    }

    private static func writeHi(
        _ epoch: UInt32, _ session: Session?, _ refusal: ErrorFrame?, to json: inout JSONWriter,
        facts: ServerFacts
    ) {
        json.beginObject()
        json.field("version", ProtocolLimits.version)
        json.field("build", facts.build)
        json.field("epoch", UInt64(epoch))
        json.key("limits")
        json.beginObject()
        json.field("frameBytes", UInt64(ProtocolLimits.frameBytes))
        json.field("answerBytes", UInt64(ProtocolLimits.answerBytes))
        json.field("textBytes", UInt64(ProtocolLimits.textBytes))
        json.field("clientMessageIDBytes", UInt64(ProtocolLimits.clientMessageIDBytes))
        json.field("idBytes", UInt64(ProtocolLimits.idBytes))
        json.field("depth", UInt64(ProtocolLimits.depth))
        json.field("openRequests", UInt64(ProtocolLimits.openRequests))
        json.field("page", UInt64(ProtocolLimits.page))
        json.endObject()
        json.field("pingSeconds", UInt64(facts.pingSeconds))
        json.key("heartbeat")
        json.beginObject()
        json.field("ping", UInt64(facts.pingSeconds))
        json.field("pong", UInt64(facts.pongSeconds))
        json.endObject()
        facts.push.write(to: &json)
        facts.windows.write(to: &json)
        if !facts.servers.isEmpty {
            json.array("servers", facts.servers) { $1.string($0) }
        }
        facts.readOnly()?.write(to: &json)
        if let session {
            json.key("session")
            json.beginObject()
            session.writeFields(to: &json)
            json.endObject()
        }
        if let refusal {
            json.key("error")
            refusal.write(to: &json, facts: facts)
        }
        json.endObject()
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ value: UInt64) {
        key(name)
        integer(value)
    }

    mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    /// What a follower's answer reflects.
    mutating func position(_ position: UInt64?) {
        if let position { field("position", position) }
    }

    mutating func field(_ name: StaticString, id: UInt64) {
        key(name)
        hex(id)
    }

    mutating func array<Element>(
        _ name: StaticString, _ elements: [Element],
        _ write: (Element, inout JSONWriter) -> Void
    ) {
        key(name)
        beginArray()
        for element in elements { write(element, &self) }
        endArray()
    }
}
