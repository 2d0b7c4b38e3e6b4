package import MartletChat

/// A request that is one call of the domain on behalf of its user, and whose answer has the
/// request's verb: what a session needs to know of it is the same for all.
package enum ChatAction: Sendable, Equatable {
    case start(conversations: Int, messages: Int)
    case edit(ConversationID, number: UInt64, text: String)
    case delete(ConversationID, number: UInt64, forAll: Bool)
    case create(name: String, members: [UserID], clientMessageID: String)
    case group(ConversationID)
    case members(ConversationID, after: UserID?, limit: Int)
    case names(ConversationID, [UserID])
    case rename(ConversationID, name: String)
    case add(ConversationID, users: [UserID])
    case remove(ConversationID, UserID)
    case leave(ConversationID)
    case role(ConversationID, UserID, GroupRole)
    case makeLink(ConversationID, seconds: UInt64)
    case revokeLink(ConversationID)
    case join(link: String)
    case contact(UserID, RelationAction)
    case contacts(after: UserID?, limit: Int)
    case block(UserID, Bool)
    case settings(SettingsChange)
    case mute(ConversationID, until: UInt64)
    /// How users are; for nil the contacts.
    case presence([UserID]?)
    case watch([UserID], groups: [ConversationID])
    case typing(ConversationID)

    /// As frames name it.
    package var verb: StaticString {
        switch self {
        case .start: "start"
        case .edit: "edit"
        case .delete: "delete"
        case .create: "create"
        case .group: "group"
        case .members: "members"
        case .names: "names"
        case .rename: "rename"
        case .add: "add"
        case .remove: "remove"
        case .leave: "leave"
        case .role: "role"
        case .makeLink, .revokeLink: "link"
        case .join: "join"
        case .contact: "contact"
        case .contacts: "contacts"
        case .block: "block"
        case .settings: "settings"
        case .mute: "mute"
        case .presence: "presence"
        case .watch: "watch"
        case .typing: "typing"
        }
    }

    /// The limit it falls under.
    var verbClass: VerbClass {
        switch self {
        case .start, .group, .members, .names, .contacts: .page
        case .edit, .delete: .send
        case .presence, .watch: .presence
        case .typing: .typing
        default: .change
        }
    }

    /// Whether its answer may be large: a socket works on one of them at a time.
    var isPage: Bool {
        switch self {
        case .start, .members, .contacts, .presence(nil): true
        default: false
        }
    }

    /// Whether it is about who is online, which the sockets know and not the store.
    var isLive: Bool {
        switch self {
        case .presence, .watch, .typing: true
        default: false
        }
    }
}

/// What an action got.
package enum ActionResult: Sendable {
    case start(StartPage)
    case revised(ConversationID, number: UInt64, revision: UInt64)
    case deleted(ConversationID, number: UInt64, forAll: Bool)
    case created(SendReceipt, clientMessageID: String)
    case group(ConversationSummary)
    case members(MemberPage)
    case names([FoundUser])
    case changed(GroupChange)
    case link(GroupLink)
    case contact(Contact)
    case contacts(ContactPage)
    case settings(SettingsValue)
    case muted(ConversationID, until: UInt64)
    case presence([PresenceState])
    case done
}
