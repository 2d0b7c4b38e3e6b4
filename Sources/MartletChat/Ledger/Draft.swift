/// Why a procedure stops.
enum Halt: Error {
    /// Facts are not known; the draft says which.
    case unknown
    case refused(ChatError)
}

/// What a procedure sees and what it wants changed. Nothing of it counts before it has come to its
/// end: a halted draft is thrown away.
struct Draft {
    struct Event: Sendable {
        var user: UserID
        var seq: UInt64
        var value: InboxValue
        /// What observers are told.
        var kind: InboxEvent.Kind
    }

    struct NewMessage: Sendable {
        var key: MessageKey
        var value: MessageValue
    }

    struct Change {
        var key: FactKey
        var value: FactValue
    }

    private let facts: FactCache
    private(set) var changes: [Change] = []
    private(set) var events: [Event] = []
    /// New messages. They are rows and no facts: nothing can ask for them before they are stored.
    private(set) var messages: [NewMessage] = []
    private(set) var unknown: [FactKey] = []
    /// Whether something that was read is decided, but not stored yet: the answer must wait for it.
    private(set) var dependsOnPending = false
    /// Events of a user so far, kept once there are many.
    private var eventCounts: [UserID: UInt64] = [:]

    init(_ facts: FactCache) {
        self.facts = facts
    }

    // MARK: Reading

    /// Halts with all of `keys` that are not known, rather than with one after the other.
    mutating func need(_ keys: some Sequence<FactKey>) throws(Halt) {
        for key in keys where facts.state(of: key) == nil && change(of: key) == nil {
            unknown.append(key)
        }
        if !unknown.isEmpty { throw .unknown }
    }

    mutating func value(_ key: FactKey) throws(Halt) -> FactValue {
        if let change = change(of: key) { return change }
        guard let state = facts.state(of: key) else {
            unknown.append(key)
            throw .unknown
        }
        if state.pending > 0 { dependsOnPending = true }
        return state.assigned
    }

    private func change(of key: FactKey) -> FactValue? {
        changes.last { $0.key == key }?.value
    }

    // MARK: Writing

    mutating func set(_ key: FactKey, _ value: FactValue) {
        if let place = changes.lastIndex(where: { $0.key == key }) {
            changes[place].value = value
        } else {
            changes.append(Change(key: key, value: value))
        }
    }

    mutating func store(_ key: MessageKey, _ value: MessageValue) {
        messages.append(NewMessage(key: key, value: value))
    }

    /// The new messages that nobody has asked for; those for which `isKnown` holds (somebody
    /// guessed their numbers) become changes of what is known.
    mutating func takeMessages(_ isKnown: (MessageKey) -> Bool) -> [NewMessage] {
        var unknown: [NewMessage] = []
        for message in messages {
            if isKnown(message.key) {
                set(.message(message.key), .message(message.value))
            } else {
                unknown.append(message)
            }
        }
        return unknown
    }

    /// The next event of `user`'s inbox. Its seq is final once the draft counts.
    @discardableResult
    mutating func event(
        _ user: UserID, _ value: InboxValue, _ kind: InboxEvent.Kind
    ) throws(Halt) -> UInt64 {
        guard let state = facts.state(of: .inbox(user)), case .seq(let last) = state.assigned else {
            unknown.append(.inbox(user))
            throw .unknown
        }
        let seq = last + countEvent(of: user)
        events.append(Event(user: user, seq: seq, value: value, kind: kind))
        return seq
    }

    /// Its place among the draft's events of the user, from 1.
    private mutating func countEvent(of user: UserID) -> UInt64 {
        if events.count < 8 {
            return UInt64(events.reduce(1) { $0 + ($1.user == user ? 1 : 0) })
        }
        if eventCounts.isEmpty { for event in events { eventCounts[event.user, default: 0] += 1 } }
        let count = (eventCounts[user] ?? 0) + 1
        eventCounts[user] = count
        return count
    }
}

extension Draft {
    mutating func pair(_ pair: Pair) throws(Halt) -> PairValue {
        guard case .pair(let value) = try value(.pair(pair)) else { return PairValue() }
        return value
    }

    mutating func earlier(_ key: SendKey) throws(Halt) -> SendValue? {
        guard case .send(let value) = try value(.send(key)) else { return nil }
        return value
    }

    mutating func message(_ key: MessageKey) throws(Halt) -> MessageValue? {
        guard case .message(let value) = try value(.message(key)) else { return nil }
        return value
    }

    mutating func isHidden(_ user: UserID, _ key: MessageKey) throws(Halt) -> Bool {
        try value(.hidden(user, key)) == .flag(true)
    }

    mutating func group(_ group: ConversationID) throws(Halt) -> GroupValue? {
        guard case .group(let value) = try value(.group(group)) else { return nil }
        return value
    }

    mutating func member(
        _ group: ConversationID, _ user: UserID
    ) throws(Halt) -> MemberValue? {
        guard case .member(let value) = try value(.member(group, user)) else { return nil }
        return value
    }

    mutating func roster(_ group: ConversationID) throws(Halt) -> Roster {
        guard case .roster(let roster) = try value(.roster(group)) else { return Roster([]) }
        return roster
    }

    /// Halts with `not_found` where there is no such account.
    mutating func mustExist(_ user: UserID) throws(Halt) {
        guard try value(.account(user)) == .flag(true) else {
            throw .refused(ChatService.noSuchUser)
        }
    }
}
