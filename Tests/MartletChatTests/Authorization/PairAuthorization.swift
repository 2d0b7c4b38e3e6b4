import MartletStore
import Testing

@testable import MartletChat

/// How the actor stands to whom the conversation is named after.
enum PairColumn: String, CaseIterable {
    case peer, oneself, stranger, nobody, blocked, blocks, closed, contact, gone
}

/// Everything that names a user, a one-to-one conversation or something in it.
enum PairVerb: String, CaseIterable {
    case send = "send"
    case reply = "send as a reply"
    case replyNowhere = "send as a reply to nothing"
    case repeated = "send once more"
    case history = "history"
    case delivered = "markDelivered"
    case read = "markRead"
    case editOwn = "edit one's own"
    case editSame = "edit to the same"
    case editOther = "edit another's"
    case deleteOwn = "deleteForAll one's own"
    case deleteOther = "deleteForAll another's"
    case deleteNowhere = "deleteForAll nothing"
    case deleteForMe = "deleteForMe"
    case mute = "mute"
    case create = "createGroup with them"
    case add = "addMembers with them"
    case request = "changeRelation request"
    case block = "changeRelation block"
    case name = "userName"
}

/// A conversation in which both have written, before things came to be as the column says.
struct PairScene {
    let fixture: ChatFixture
    let actor: UserID
    let other: UserID
    let id: ConversationID
    let group: ConversationID
    /// The actor's message; and the other's.
    var own: UInt64 = 1
    var others: UInt64 = 1
    let name: String

    init(_ fixture: ChatFixture, _ column: PairColumn) async throws {
        self.fixture = fixture
        name = column.rawValue
        let names = ["\(name).actor", "\(name).other"]
        let users = try fixture.chat.accounts.importUsers(names).users.map(\.user)
        actor = users[0]
        other =
            switch column {
            case .oneself: users[0]
            case .nobody: UserID(rawValue: 7)
            default: users[1]
            }
        id = ConversationID(with: other)
        group = try await fixture.group(actor)
        if column != .stranger, column != .nobody {
            own = try await fixture.say(actor, id, "own", "\(name) own").number
            let answer = try await fixture.say(other, ConversationID(with: actor), "others")
            others = answer.number
        }
        switch column {
        case .blocked: try await fixture.relate(other, actor, .block)
        case .blocks: try await fixture.relate(actor, other, .block)
        case .closed: try await fixture.close(other)
        case .contact:
            try await fixture.relate(actor, other, .request)
            try await fixture.relate(other, actor, .accept)
            try await fixture.close(other)
        case .gone: try await fixture.delete(other)
        case .peer, .oneself, .stranger, .nobody: break
        }
    }

    func perform(_ verb: PairVerb) async throws {
        switch verb {
        case .send: _ = try await fixture.say(actor, id, "x")
        case .reply: _ = try await fixture.say(actor, id, "x", replyTo: own)
        case .replyNowhere: _ = try await fixture.say(actor, id, "x", replyTo: 99)
        case .repeated: _ = try await fixture.say(actor, id, "x", "\(name) own")
        case .history: _ = try await fixture.history(actor, id)
        case .delivered: try await fixture.deliver(actor, id, upTo: .max)
        case .read: try await fixture.read(actor, id, upTo: .max)
        case .editOwn: try await fixture.edit(actor, id, own, "new")
        case .editSame: try await fixture.edit(actor, id, own, "own")
        case .editOther: try await fixture.edit(actor, id, others, "new")
        case .deleteOwn: try await fixture.deleteForAll(actor, id, own)
        case .deleteOther: try await fixture.deleteForAll(actor, id, others)
        case .deleteNowhere: try await fixture.deleteForAll(actor, id, 99)
        case .deleteForMe: try await fixture.deleteForMe(actor, id, others)
        case .mute: try await fixture.mute(actor, id, until: 9)
        case .create: _ = try await fixture.group(actor, [other])
        case .add: try await fixture.add(actor, group, other)
        case .request: try await fixture.relate(actor, other, .request)
        case .block: try await fixture.relate(actor, other, .block)
        case .name: _ = try await fixture.name(other)
        }
    }

    /// All that a verb could change.
    func fingerprint() throws -> [[UInt8]] {
        let schema = fixture.chat.schema
        var rows: [[UInt8]] = []
        for user in Set([actor, other]).sorted(by: { $0.rawValue < $1.rawValue }) {
            for family in [
                schema.inbox, schema.messages, schema.conversations, schema.sends,
                schema.relations, schema.mutes,
            ] {
                let scanner = try fixture.store.scan(family, .prefix(ChatKeys.user(user)))
                while let row = try scanner.next() { rows.append(row.key + row.value) }
            }
        }
        return rows
    }
}

extension ChatFixture {
    /// From now on the user takes messages of contacts only.
    func close(_ user: UserID) async throws {
        var change = SettingsChange()
        change.messagesFrom = .contacts
        let _: SettingsValue = try await value { [chat, change] in
            chat.change(settings: change, of: user, completion: $0)
        }
    }
}
