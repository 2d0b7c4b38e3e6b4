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
        /// Of the inbox that it is in.
        var inbox: Fact
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

    struct Change: Sendable {
        let fact: Fact
        var value: FactValue
    }

    let cache: FactCache
    /// On the facts that are in `facts`.
    private let mark: UInt64
    /// All that it has in hand, pinned: what the procedure was begun with, and what it came upon.
    private(set) var facts: [Fact]
    private(set) var changes: [Change] = []
    private(set) var events: [Event] = []
    /// What all of a group are told: at most one, and then no `events`.
    private(set) var fanOuts: [FanOut] = []
    /// New messages. They are rows and no facts: nothing can ask for them before they are stored.
    private(set) var messages: [NewMessage] = []
    /// Whether something that was read is decided, but not stored yet: the answer must wait for it.
    private(set) var dependsOnPending = false

    /// Facts in front that are looked for by comparing keys, which beats hashing for so few.
    private static let compared = 12

    /// - Parameter facts: What is pinned for the procedure; whoever takes `facts` back unpins it.
    /// - Parameter scratch: memory for the changes and messages; it comes back by `recycle`.
    init(_ cache: FactCache, _ facts: [Fact], _ scratch: inout Scratch) {
        self.cache = cache
        self.facts = facts
        swap(&changes, &scratch.changes)
        swap(&messages, &scratch.messages)
        mark = cache.nextMark()
        for fact in facts { take(fact) }
        // What a message to one other takes.
        events.reserveCapacity(2)
    }

    /// Memory of a draft that the next one gets: a message takes none of its own for what is copied
    /// into its group anyway.
    struct Scratch {
        fileprivate var changes: [Change] = []
        fileprivate var messages: [NewMessage] = []
        /// More than a message changes is given back.
        fileprivate static let kept = 64
    }

    /// Ends the draft: what it had changed is somebody else's, or nothing.
    mutating func recycle(into scratch: inout Scratch) {
        guard changes.capacity <= Scratch.kept, messages.capacity <= Scratch.kept else { return }
        changes.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
        swap(&changes, &scratch.changes)
        swap(&messages, &scratch.messages)
    }

    private func take(_ fact: Fact) {
        fact.draft = Fact.Mark(owner: mark)
        fact.draftEvents = 0
    }

    /// The fact of `key`, in hand from now on.
    mutating func fact(_ key: FactKey) -> Fact {
        let fingerprint = key.fingerprint
        for place in 0..<min(facts.count, Self.compared)
        where facts[place].fingerprint == fingerprint && facts[place].key == key {
            return facts[place]
        }
        let fact = cache.pin(key)
        if fact.draft.owner == mark {
            cache.unpin(fact)
        } else {
            take(fact)
            facts.append(fact)
        }
        return fact
    }

    // MARK: Reading

    /// Halts with all of `keys` that are not known, rather than with one after the other.
    mutating func need(_ keys: some Sequence<FactKey>) throws(Halt) {
        var areKnown = true
        for key in keys where !knows(key) { areKnown = false }
        if !areKnown { throw .unknown }
    }

    /// As above, without a list.
    mutating func need(_ one: FactKey, _ two: FactKey, _ three: FactKey) throws(Halt) {
        let areKnown = (knows(one), knows(two), knows(three))
        if areKnown != (true, true, true) { throw .unknown }
    }

    private mutating func knows(_ key: FactKey) -> Bool {
        let fact = fact(key)
        return fact.isKnown || fact.draft.place != nil
    }

    mutating func value(_ key: FactKey) throws(Halt) -> FactValue {
        let fact = fact(key)
        if let place = fact.draft.place { return changes[place].value }
        guard let value = fact.value else { throw .unknown }
        if fact.isPending { dependsOnPending = true }
        return value
    }

    // MARK: Writing

    mutating func set(_ key: FactKey, _ value: FactValue) {
        set(fact(key), value)
    }

    private mutating func set(_ fact: Fact, _ value: FactValue) {
        if let place = fact.draft.place {
            changes[place].value = value
        } else {
            fact.draft.place = changes.count
            changes.append(Change(fact: fact, value: value))
        }
    }

    mutating func store(_ key: MessageKey, _ value: MessageValue) {
        messages.append(NewMessage(key: key, value: value))
    }

    /// Leaves the new messages that nobody has asked for. Those that are facts (somebody guessed
    /// their numbers) become changes of them.
    mutating func sortMessages() {
        if !messages.contains(where: { cache.message($0.key) != nil }) { return }
        var new: [NewMessage] = []
        for message in messages {
            if cache.message(message.key) != nil {
                set(.message(message.key), .message(message.value))
            } else {
                new.append(message)
            }
        }
        messages = new
    }

    /// The next event of `user`'s inbox. Its seq is final once the draft counts.
    @discardableResult
    mutating func event(
        _ user: UserID, _ value: InboxValue, _ kind: InboxEvent.Kind
    ) throws(Halt) -> UInt64 {
        if !fanOuts.isEmpty { try spread() }
        let inbox = fact(.inbox(user))
        guard case .seq(let last)? = inbox.value else { throw .unknown }
        inbox.draftEvents += 1
        let seq = last + inbox.draftEvents
        events.append(Event(inbox: inbox, user: user, seq: seq, value: value, kind: kind))
        return seq
    }

    var hasToldNobody: Bool { events.isEmpty && fanOuts.isEmpty }

    /// The next event of all inboxes of a list that this draft has got. It has told nobody before.
    /// - Returns: the place that it will have in the inbox of `user`; 0 if that is not among them.
    mutating func tellAll(_ fanOut: FanOut, placeFor user: UserID) -> UInt64 {
        fanOuts.append(fanOut)
        guard let place = fanOut.list.roster.place(of: user),
            case .seq(let last)? = fanOut.list.inboxes[place].value
        else { return 0 }
        return last + 1
    }

    /// More is told than one event for all: they go on one by one.
    private mutating func spread() throws(Halt) {
        let all = fanOuts
        fanOuts = []
        for fanOut in all {
            for member in fanOut.list.roster.entries {
                try event(member.user, fanOut.value, fanOut.kind(for: member.user))
            }
        }
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
