import MartletChat

extension ChatAction {
    /// The action of a verb with these fields; `nil` if the verb is none of an action.
    init?(verb: String, _ object: VerbFields) throws(FrameFault) {
        if let action = try Self.message(verb, object) {
            self = action
        } else if let action = try Self.group(verb, object) {
            self = action
        } else if let action = try Self.people(verb, object) {
            self = action
        } else if let action = try Self.live(verb, object) {
            self = action
        } else {
            return nil
        }
    }

    /// The verbs that actions have.
    static let verbs: Set<String> = [
        "start", "edit", "delete", "create", "group", "members", "names", "rename", "add",
        "remove", "leave", "role", "link", "join", "contact", "contacts",
        "block", "settings", "mute", "presence", "watch", "typing",
    ]

    private static func message(
        _ verb: String, _ object: VerbFields
    ) throws(FrameFault) -> ChatAction? {
        switch verb {
        case "start":
            return .start(
                conversations: try object.integer("conversations", in: 1...5, else: 5),
                messages: try object.integer("messages", in: 1...15, else: 15))
        case "edit":
            return .edit(
                try object.conversation("conversation"), number: try object.integer("number"),
                text: try object.messageText("text"))
        case "delete":
            let whom = try object.string("for", bytes: 1...8)
            guard whom == "all" || whom == "me" else {
                throw FrameFault(kind: .badRequest, message: "for: all or me", id: nil)
            }
            return .delete(
                try object.conversation("conversation"), number: try object.integer("number"),
                forAll: whom == "all")
        default:
            return nil
        }
    }

    private static func group(
        _ verb: String, _ object: VerbFields
    ) throws(FrameFault) -> ChatAction? {
        switch verb {
        case "create":
            return .create(
                name: try object.string("name", bytes: 1...ChatLimits.groupNameBytes),
                members: try object.users("members", count: 0...ChatLimits.membersAtOnce),
                clientMessageID: try object.string(
                    "clientMessageID", bytes: 1...ProtocolLimits.clientMessageIDBytes))
        case "join":
            return .join(link: try object.string("link", bytes: 1...64))
        case "group", "members", "names", "rename", "add", "remove", "leave", "role", "link":
            return try group(verb, object, try object.conversation("conversation"))
        default:
            return nil
        }
    }

    private static func group(
        _ verb: String, _ object: VerbFields, _ id: ConversationID
    ) throws(FrameFault) -> ChatAction {
        switch verb {
        case "members":
            return .members(
                id, after: try object.user(ifPresent: "after"),
                limit: try object.limit(else: 50))
        case "names":
            return .names(
                id, try object.users("users", count: 1...ChatLimits.membersAtOnce))
        case "rename":
            return .rename(
                id, name: try object.string("name", bytes: 1...ChatLimits.groupNameBytes))
        case "add":
            return .add(
                id, users: try object.users("users", count: 1...ChatLimits.membersAtOnce))
        case "remove":
            return .remove(id, try object.user("user"))
        case "leave":
            return .leave(id)
        case "role":
            guard let role = GroupRole(try object.string("role", bytes: 1...16)) else {
                throw FrameFault(
                    kind: .badRequest, message: "role: owner, admin or member", id: nil)
            }
            return .role(id, try object.user("user"), role)
        case "link":
            if try object.bool(ifPresent: "revoke") == true { return .revokeLink(id) }
            let seconds = try object.integer("seconds", in: 60...2_592_000, else: 604_800)
            return .makeLink(id, seconds: UInt64(seconds))
        default:
            return .group(id)
        }
    }

    private static func people(
        _ verb: String, _ object: VerbFields
    ) throws(FrameFault) -> ChatAction? {
        switch verb {
        case "contact":
            let action: RelationAction
            switch try object.string("action", bytes: 1...16) {
            case "request": action = .request
            case "accept": action = .accept
            case "decline": action = .decline
            case "remove": action = .remove
            default: throw fault("action: request, accept, decline or remove")
            }
            return .contact(try object.user("user"), action)
        case "contacts":
            return .contacts(
                after: try object.user(ifPresent: "after"), limit: try object.limit(else: 50))
        case "block":
            guard let blocked = try object.bool(ifPresent: "blocked") else {
                throw fault("blocked: missing")
            }
            return .block(try object.user("user"), blocked)
        case "settings":
            return .settings(try settings(object))
        case "mute":
            return .mute(
                try object.conversation("conversation"), until: try object.integer("until"))
        default:
            return nil
        }
    }

    private static func live(
        _ verb: String, _ object: VerbFields
    ) throws(FrameFault) -> ChatAction? {
        switch verb {
        case "presence":
            if try object.bool(ifPresent: "contacts") == true {
                guard !object.has("users") else { throw fault("users and contacts together") }
                return .presence(nil)
            }
            return .presence(try object.users("users", count: 0...ProtocolLimits.watchedUsers))
        case "watch":
            let users = try object.users("users", count: 0...ProtocolLimits.watchedUsers)
            var groups: [ConversationID] = []
            if object.has("conversations") {
                groups = try object.users(
                    "conversations", count: 0...ProtocolLimits.watchedConversations
                ).map { ConversationID(rawValue: $0.rawValue) }
            }
            return .watch(users, groups: groups.filter(\.isGroup))
        case "typing":
            return .typing(try object.conversation("conversation"))
        default:
            return nil
        }
    }

    private static func settings(_ object: VerbFields) throws(FrameFault) -> SettingsChange {
        var change = SettingsChange()
        change.receipts = try object.bool(ifPresent: "receipts")
        if let presence = try object.string(ifPresent: "presence", bytes: 1...16) {
            guard let audience = PresenceAudience(presence) else {
                throw fault("presence: contacts, everyone or nobody")
            }
            change.presence = audience
        }
        if let from = try object.string(ifPresent: "messagesFrom", bytes: 1...16) {
            guard let audience = MessageAudience(from) else {
                throw fault("messagesFrom: everyone or contacts")
            }
            change.messagesFrom = audience
        }
        return change
    }

    private static func fault(_ message: String) -> FrameFault {
        FrameFault(kind: .badRequest, message: message, id: nil)
    }
}
