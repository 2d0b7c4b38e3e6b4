import MartletChat

/// From the bytes of a text message to a request.
extension ClientFrame {
    /// - Throws: what is wrong with the frame, with its `id` if that was readable.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(FrameFault) {
        if let bad = UTF8Check.firstInvalid(in: bytes) {
            throw FrameFault(JSONError(.invalidUTF8, at: bad))
        }
        if let send = SendFrameReader.read(bytes) {
            self = send
        } else {
            try self.init(parsingAny: bytes)
        }
    }

    /// As above, without the short way of messages.
    package init(parsingAny bytes: UnsafeRawBufferPointer) throws(FrameFault) {
        let raw: RawFrame
        do {
            raw = try RawFrame(bytes)
        } catch {
            throw FrameFault(error)
        }
        if raw.idIsBad {
            throw FrameFault(
                kind: .malformed, message: "id: not a string of 1 to 64 bytes", id: nil)
        }
        id = raw.id
        do throws(FrameFault) {
            guard let verb = raw.verb, raw.verbCount == 1 else {
                throw FrameFault(
                    kind: .badRequest,
                    message: raw.verb == nil ? "no verb" : "more than one verb", id: nil)
            }
            request = try ClientRequest(verb: verb, raw.fields)
        } catch {
            throw FrameFault(kind: error.kind, message: error.message, id: raw.id)
        }
    }
}

/// A frame split into id, verb and the verb's fields.
private struct RawFrame {
    var id: String?
    var idIsBad = false
    var verb: String?
    var verbCount = 0
    /// Nil if the verb's value is no object.
    var fields: VerbFields?

    init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        var reader = try JSONReader(bytes, maxDepth: ProtocolLimits.depth)
        guard try reader.next() == .beginObject else { throw JSONError(.unexpectedByte, at: 0) }
        while case .key(let key) = try reader.next() {
            let first = try reader.next()
            if key == "id" {
                try reader.skip(first)
                guard case .string(let text) = first,
                    1...ProtocolLimits.idBytes ~= text.utf8.count
                else {
                    idIsBad = true
                    continue
                }
                id = text
            } else {
                verb = key
                verbCount += 1
                try readVerb(first, &reader)
            }
        }
        _ = try reader.next()
    }

    private mutating func readVerb(
        _ first: JSONReader.Token, _ reader: inout JSONReader
    ) throws(JSONError) {
        guard first == .beginObject else { return try reader.skip(first) }
        fields = try VerbFields(members: &reader)
    }
}

extension ClientRequest {
    fileprivate init(verb: String, _ object: VerbFields?) throws(FrameFault) {
        guard Self.verbs.contains(verb) || ChatAction.verbs.contains(verb) else {
            throw FrameFault(kind: .unknownVerb, message: "unknown verb", id: nil)
        }
        guard let object else {
            throw FrameFault(kind: .badRequest, message: "\(verb): not an object", id: nil)
        }
        switch verb {
        case "hi", "register", "login", "auth", "logout":
            self = try Self.identity(verb, object)
        case "devices", "revoke", "password":
            self = try Self.account(verb, object)
        case "find":
            self = .find(name: try object.string("name", bytes: 1...ProtocolLimits.nameBytes))
        case "send":
            self = .send(
                conversation: try object.conversation("conversation"),
                clientMessageID: try object.string(
                    "clientMessageID", bytes: 1...ProtocolLimits.clientMessageIDBytes),
                text: try object.messageText("text"),
                replyTo: try object.integer(ifPresent: "replyTo"))
        case "history":
            self = .history(
                conversation: try object.conversation("conversation"),
                range: try object.historyRange(), limit: try object.limit(else: 50))
        case "conversations":
            self = .conversations(
                after: try object.conversation(ifPresent: "after"),
                limit: try object.limit(else: 50))
        case "sync":
            self = .sync(
                epoch: try object.epoch("epoch"), seq: try object.integer("seq"),
                limit: try object.limit(else: ProtocolLimits.page))
        case "delivered":
            self = .delivered(
                conversation: try object.conversation("conversation"),
                upTo: try object.integer("upTo"))
        case "read":
            self = .read(
                conversation: try object.conversation("conversation"),
                upTo: try object.integer("upTo"))
        case "ping":
            self = .ping
        case "subscribe":
            self = .subscribe(try SubscribeRequest(object))
        case "unsubscribe":
            self = .unsubscribe
        default:
            guard let action = try ChatAction(verb: verb, object) else {
                throw FrameFault(kind: .unknownVerb, message: "unknown verb", id: nil)
            }
            self = .action(action)
        }
    }

    private static let verbs: Set<String> = [
        "hi", "register", "login", "auth", "logout", "find", "send", "history", "conversations",
        "sync", "delivered", "read", "ping", "subscribe", "unsubscribe", "devices", "revoke",
        "password",
    ]

    private static func identity(
        _ verb: String, _ object: VerbFields
    ) throws(FrameFault) -> ClientRequest {
        switch verb {
        case "hi":
            _ = try object.string("agent", bytes: 0...ProtocolLimits.agentBytes)
            return .hi(
                version: try object.integer("version"),
                token: try object.string(
                    ifPresent: "token", bytes: 1...ProtocolLimits.credentialBytes))
        case "auth":
            return .auth(
                token: try object.string("token", bytes: 1...ProtocolLimits.credentialBytes))
        case "logout":
            return .logout
        default:
            let name = try object.string("name", bytes: 1...ProtocolLimits.nameBytes)
            let password = try object.string(
                "password", bytes: 1...ProtocolLimits.passwordBytes)
            let device = try object.string(
                ifPresent: "device", bytes: ChatLimits.deviceLabelBytes)
            return verb == "login"
                ? .login(name: name, password: password, device: device)
                : .register(name: name, password: password, device: device)
        }
    }
}
