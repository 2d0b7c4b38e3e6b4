import MartletHarness
import MartletSimulation

/// Between the client's values and the frames of `docs/protocol/chat.md`, for one user.
struct Wire {
    let user: UInt64

    static func hex(_ id: UInt64) -> JSON {
        let digits = String(id, radix: 16)
        return .string(String(repeating: "0", count: 16 - digits.count) + digits)
    }

    static func number(_ value: UInt64) -> JSON { .integer(Int(clamping: value)) }

    // MARK: Requests

    private func name(_ conversation: ConversationKey) -> JSON {
        switch conversation {
        case .pair: Self.hex(conversation.peer(of: user) ?? 0)
        case .group(let id): Self.hex(id)
        }
    }

    func frame(_ call: ClientCall) -> JSON {
        let (verb, body) = request(call.request)
        return .object(["id": .string(String(call.id)), verb: .object(body)])
    }

    private func request(_ request: ClientRequest) -> (String, [String: JSON]) {
        switch request {
        case .sync(let cursor, let limit):
            return (
                "sync",
                [
                    "epoch": Self.number(cursor.epoch), "seq": Self.number(cursor.seq),
                    "limit": .integer(limit),
                ]
            )
        case .send(let send):
            return (
                "send",
                [
                    "conversation": name(send.conversation), "text": .string(send.content),
                    "clientMessageID": .string(send.clientMessageID),
                ]
            )
        case .history(let conversation, let range, let limit):
            var body = ["conversation": name(conversation), "limit": .integer(limit)]
            switch range {
            case .newest: break
            case .before(let number): body["before"] = Self.number(number)
            case .after(let number): body["after"] = Self.number(number)
            }
            return ("history", body)
        case .move(let receipt, let conversation, let upTo):
            let verb = receipt == .read ? "read" : "delivered"
            return (verb, ["conversation": name(conversation), "upTo": Self.number(upTo)])
        case .summaries:
            return ("conversations", ["limit": 100])
        case .create(let name, let members, let clientMessageID):
            return (
                "create",
                [
                    "name": .string(name), "members": .array(members.map(Self.hex)),
                    "clientMessageID": .string(clientMessageID),
                ]
            )
        case .change(let conversation, let change):
            return self.change(name(conversation), change)
        }
    }

    private func change(_ name: JSON, _ change: ClientChange) -> (String, [String: JSON]) {
        var body = ["conversation": name]
        switch change {
        case .add(let users):
            body["users"] = .array(users.map(Self.hex))
            return ("add", body)
        case .remove(let user):
            body["user"] = Self.hex(user)
            return ("remove", body)
        case .leave: return ("leave", body)
        case .edit(let number, let content):
            body["number"] = Self.number(number)
            body["text"] = .string(content)
            return ("edit", body)
        case .delete(let number), .hide(let number):
            body["number"] = Self.number(number)
            body["for"] = "all"
            if case .hide = change { body["for"] = "me" }
            return ("delete", body)
        }
    }

    // MARK: Answers

    /// The answer in a frame that answers `request`.
    func answer(_ frame: JSON, epoch: UInt64) throws -> ClientAnswer {
        if let error = frame["error"] {
            let status = error["status"]?.integer ?? 500
            return .failed(isFinal: (400..<500).contains(status) && status != 429)
        }
        if let page = frame["sync"] { return .page(try self.page(page)) }
        if let sent = frame["send"] {
            let cursor = SeenCursor(epoch: epoch, seq: try Self.value(sent["seq"]))
            return .sent(
                SeenAnswer(
                    number: try Self.value(sent["number"]), cursor: cursor,
                    isRepeat: sent["duplicate"] == .bool(true)))
        }
        if let page = frame["history"] {
            return .history(
                try page["messages"]?.elements.map(message) ?? [],
                hasMore: page["more"] == .bool(true))
        }
        for verb in ["read", "delivered"] {
            if let stand = frame[verb] { return .moved(try Self.value(stand["upTo"])) }
        }
        if let list = frame["conversations"], list["more"] == .bool(false) {
            return .summaries(try list["conversations"]?.elements.map(summary) ?? [])
        }
        return try changed(frame)
    }

    private func changed(_ frame: JSON) throws -> ClientAnswer {
        for verb in ["create", "add", "remove", "leave"] {
            guard let change = frame[verb] else { continue }
            return .noticed(
                try key(change["conversation"]), number: try? Self.value(change["number"]))
        }
        if let edited = frame["edit"] { return .revised(try Self.value(edited["revision"])) }
        if let deleted = frame["delete"] {
            if deleted["for"] == "me" { return .hidden }
            // The answer does not tell the revision: at least one.
            return .revised(1)
        }
        return .failed(isFinal: true)
    }

    private static func value(_ json: JSON?) throws -> UInt64 {
        guard let value = json?.integer, value >= 0 else {
            throw HarnessError("no number: \(String(describing: json))")
        }
        return UInt64(value)
    }

    static func id(_ json: JSON?) throws -> UInt64 {
        guard let text = json?.string, text.utf8.count == 16, let id = UInt64(text, radix: 16)
        else { throw HarnessError("no id: \(String(describing: json))") }
        return id
    }

    private func key(_ json: JSON?) throws -> ConversationKey {
        let id = try Self.id(json)
        return id >> 63 == 1 ? .group(id) : .between(user, id)
    }

    private func page(_ json: JSON) throws -> SeenPage {
        let cursor = SeenCursor(
            epoch: try Self.value(json["epoch"]), seq: try Self.value(json["seq"]))
        var page = SeenPage(try json["events"]?.elements.map(event) ?? [], cursor: cursor)
        page.isLimited = json["limited"] == .bool(true)
        page.isReset = json["reset"] == .bool(true)
        return page
    }

    func event(_ json: JSON) throws -> SeenEvent {
        let seq = try Self.value(json["seq"])
        if let shown = json["message"] { return SeenEvent(seq: seq, .message(try message(shown))) }
        if let shown = json["changed"] { return SeenEvent(seq: seq, .changed(try message(shown))) }
        for (verb, receipt) in [("delivered", SeenReceipt.delivered), ("read", .read)] {
            guard let moved = json[verb] else { continue }
            let (key, upTo) = (try key(moved["conversation"]), try Self.value(moved["upTo"]))
            return moved["by"] == "own"
                ? SeenEvent(seq: seq, .own(receipt, key, upTo: upTo))
                : SeenEvent(seq: seq, .peer(receipt, key, upTo: upTo))
        }
        guard case .object(let members) = json else { throw HarnessError("no event: \(json)") }
        return SeenEvent(seq: seq, .other(members.keys.sorted().joined(separator: " ")))
    }

    private func message(_ json: JSON) throws -> SeenMessage {
        let sender = try Self.id(json["sender"])
        var message = SeenMessage(
            try key(json["conversation"]), number: try Self.value(json["number"]),
            sender: sender, content: json["text"]?.string ?? "")
        message.revision = (try? Self.value(json["revision"])) ?? 0
        message.isHidden = json["deleted"] == "me"
        message.notice = try json["notice"].map { try notice($0, by: sender) }
        return message
    }

    private func notice(_ json: JSON, by sender: UInt64) throws -> SeenNotice {
        let user = (try? Self.id(json["user"])) ?? sender
        switch json["kind"]?.string {
        case "created": return .created(name: json["name"]?.string ?? "")
        case "added", "joined": return .entered(user)
        case "removed", "left": return .left(user)
        default: return .other(json["kind"]?.string ?? "")
        }
    }

    private func summary(_ json: JSON) throws -> SeenSummary {
        var summary = SeenSummary(
            try key(json["conversation"]), last: try Self.value(json["last"]),
            read: try Self.value(json["read"]))
        summary.peerDelivered = try? Self.value(json["peerDelivered"])
        summary.peerRead = try? Self.value(json["peerRead"])
        summary.lastMessage = try json["lastMessage"].map(message)
        return summary
    }
}
