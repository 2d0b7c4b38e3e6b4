@testable import MartletChat

/// A chat as plain as can be: it knows when things were said and who was in then, and nothing of
/// ledgers, rows or revisions.
struct ModelChat {
    struct Entry {
        var sender: UserID
        var text: String
        var sentAt: UInt64 = 0
        var replyTo: UInt64?
        var notice: GroupNotice?
        /// The moments at which it was said, and edited last.
        var said: Int
        var edited: Int?
        var isDeleted = false
        var hiddenFor: Set<UserID> = []
    }

    struct Stay {
        var from: Int
        var to: Int?
    }

    struct Cursors {
        var delivered: UInt64 = 0
        var read: UInt64 = 0
        /// As far as the peer is told.
        var shownDelivered: UInt64 = 0
        var shownRead: UInt64 = 0

        init(at number: UInt64 = 0) {
            (delivered, read, shownDelivered, shownRead) = (number, number, number, number)
        }
    }

    struct Conversation {
        var log: [Entry] = []
        var cursors: [UserID: Cursors] = [:]
        // Of groups.
        var name = ""
        var roles: [UserID: GroupRole] = [:]
        var stays: [UserID: [Stay]] = [:]
        var barred: Set<UserID> = []
        var link: (digest: [UInt8], expiresAt: UInt64)?
        /// What those who have gone last knew.
        var partings: [UserID: (name: String, members: Int)] = [:]

        var last: UInt64 { UInt64(log.count) }
        var members: [UserID] { roles.keys.sorted { $0.rawValue < $1.rawValue } }
    }

    enum Place: Hashable {
        case pair(Pair)
        case group(ConversationID)

        init(_ user: UserID, _ id: ConversationID) {
            self = id.isGroup ? .group(id) : .pair(Pair(user, id.peer))
        }
    }

    struct Pointer: Hashable {
        var kind: InboxValue.Kind
        var conversation: ConversationID
        var number: UInt64
    }

    struct Refusal: Error {
        var code: ChatError.Code

        init(_ code: ChatError.Code) { self.code = code }
    }

    let users: Set<UserID>
    var conversations: [Place: Conversation] = [:]
    var inboxes: [UserID: [Pointer]] = [:]
    var sends: [SendKey: String] = [:]
    /// What the first thinks of the second.
    var relations: [[UserID]: RelationValue] = [:]
    var settings: [UserID: SettingsValue] = [:]
    var mutes: [UserID: [ConversationID: UInt64]] = [:]
    private(set) var moment = 0

    init(users: Set<UserID>) {
        self.users = users
    }

    // MARK: What is seen

    /// Whether what happened at `moment` happened while the user was in.
    private func wasIn(_ user: UserID, _ conversation: Conversation, at moment: Int) -> Bool {
        (conversation.stays[user] ?? []).contains {
            $0.from <= moment && moment <= $0.to ?? .max
        }
    }

    func mayRead(_ user: UserID, _ place: Place, _ number: UInt64) -> Bool {
        guard let conversation = conversations[place], number >= 1, number <= conversation.last
        else { return false }
        guard case .group = place else { return true }
        return wasIn(user, conversation, at: conversation.log[Int(number) - 1].said)
    }

    /// What `user` sees there.
    func show(_ user: UserID, _ id: ConversationID, _ number: UInt64) -> String {
        let place = Place(user, id)
        guard mayRead(user, place, number), let conversation = conversations[place] else {
            return "nothing"
        }
        let entry = conversation.log[Int(number) - 1]
        let head = "\(id) \(number) \(entry.sender) \(entry.sentAt)"
        if entry.hiddenFor.contains(user) { return head + " deleted for me" }
        var isGone = entry.isDeleted
        if case .group = place, let edited = entry.edited {
            isGone = isGone || !wasIn(user, conversation, at: edited)
        }
        if isGone { return head + " deleted" }
        return head + " '\(entry.text)' \(entry.replyTo ?? 0) \(entry.edited != nil)"
            + " \(entry.notice.map { "\($0)" } ?? "")"
    }

    /// The last number that the user may read.
    func last(_ user: UserID, _ place: Place) -> UInt64 {
        let all = conversations[place]?.last ?? 0
        return (1...max(1, all)).last { mayRead(user, place, $0) } ?? 0
    }

    // MARK: What is done

    mutating func append(_ entry: Entry, to place: Place) -> UInt64 {
        moment += 1
        var entry = entry
        entry.said = moment
        conversations[place, default: Conversation()].log.append(entry)
        let number = conversations[place]?.last ?? 0
        conversations[place]?.cursors[entry.sender] = Cursors(at: number)
        return number
    }

    mutating func nextMoment() -> Int {
        moment += 1
        return moment
    }

    mutating func tell(
        _ user: UserID, _ kind: InboxValue.Kind, _ id: ConversationID, _ number: UInt64
    ) {
        inboxes[user, default: []].append(
            Pointer(kind: kind, conversation: id, number: number))
    }

    /// Lets a user in at the moment that comes next.
    mutating func enter(_ user: UserID, _ group: ConversationID, as role: GroupRole) {
        let next = moment + 1
        let number = (conversations[.group(group)]?.last ?? 0) + 1
        change(group) {
            $0.roles[user] = role
            $0.stays[user, default: []].append(Stay(from: next))
            $0.barred.remove(user)
            $0.partings[user] = nil
            $0.cursors[user] = Cursors(at: number)
        }
    }

    /// Ends a user's stay with what was said last.
    mutating func exit(_ user: UserID, _ group: ConversationID) {
        let now = moment
        change(group) {
            $0.roles[user] = nil
            $0.partings[user] = ($0.name, $0.roles.count)
            guard let place = $0.stays[user]?.indices.last else { return }
            $0.stays[user]?[place].to = now
        }
    }

    mutating func change(_ group: ConversationID, _ body: (inout Conversation) -> Void) {
        body(&conversations[.group(group), default: Conversation()])
    }

    /// Says `entry` in a group, and tells all members.
    @discardableResult
    mutating func post(_ entry: Entry, _ group: ConversationID) -> UInt64 {
        let number = append(entry, to: .group(group))
        for member in conversations[.group(group)]?.members ?? [] {
            tell(member, .message, group, number)
        }
        return number
    }

    @discardableResult
    mutating func note(
        _ notice: GroupNotice, by user: UserID, _ now: UInt64, _ group: ConversationID
    ) -> UInt64 {
        post(Entry(sender: user, text: "", sentAt: now, notice: notice, said: 0), group)
    }
}
