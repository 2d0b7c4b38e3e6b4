import MartletStore

/// Decides what happens, in one order: a state machine without I/O.
///
/// A procedure is begun (what it needs is pinned, what is not known is told), learned about (what
/// the store says), and admitted: it runs on the facts as they will be once all before it is
/// stored, and what it changes joins the newest pending group. **One group is under way at a
/// time**, and a group is one atomic commit. So when a commit fails, nothing that depends on it can
/// have been stored: all that was decided is taken back, and the next procedure goes on from what
/// is stored, with neither gap nor double in any sequence.
///
/// A procedure that changes nothing or is refused, but has read what is not stored yet, waits in
/// the pending group as well: nobody is told what may be taken back. Holds S12.
///
/// `Reply` is what the caller wants back with a procedure's outcome.
struct Ledger<Reply: Sendable> {
    struct Entry: Sendable {
        var outcome: Result<Answer, ChatError>
        var events: [Draft.Event]
        var keys: [FactKey]
        var reply: Reply
    }

    /// What is stored by one commit.
    struct Group: Sendable {
        var entries: [Entry] = []
        /// The last value of each fact that its procedures changed.
        var changes: [FactKey: FactValue] = [:]
        /// Their keys in the order of the first changes: equal runs make equal batches.
        var order: [FactKey] = []
        var messages: [Draft.NewMessage] = []
        var cost = 0
    }

    enum Admission {
        /// Nothing to store, and nothing to wait for.
        case answered(Answer)
        case refused(ChatError)
        /// The reply comes with the group's outcome.
        case joined(isRefused: Bool)
        /// These facts, pinned now, must be learned first.
        case incomplete([FactKey])
    }

    private let facts: FactCache
    private var pending: [Group] = []
    private(set) var underWay: Group?
    private let groupCost: Int
    /// Bytes, about, of all that is decided and not stored yet.
    private(set) var cost = 0

    init(cacheEntries: Int, groupCost: Int) {
        facts = FactCache(capacity: cacheEntries)
        self.groupCost = groupCost
    }

    var isIdle: Bool { underWay == nil && pending.isEmpty }

    // MARK: Before

    /// Pins `keys`; those of them that are not known.
    mutating func begin(_ keys: [FactKey]) -> [FactKey] {
        keys.filter { !pin($0) }
    }

    /// A message that is decided and not stored yet is a fact from now on. The store would say that
    /// there is none, and that would be believed for as long as it is remembered.
    /// - Returns: Whether the fact is known.
    @discardableResult
    private mutating func pin(_ key: FactKey) -> Bool {
        let isKnown = facts.pin(key)
        guard !isKnown, case .message(let message) = key else { return isKnown }
        if let value = underWay?.messages.last(where: { $0.key == message })?.value {
            underWay?.changes[key] = .message(value)
            facts.assign(key, .message(value), isFirst: true)
            return true
        }
        for group in pending.indices {
            let place = pending[group].messages.lastIndex { $0.key == message }
            guard let place else { continue }
            // Its later changes take its place in the group: it must not be stored after them.
            let value = pending[group].messages.remove(at: place).value
            set(key, .message(value), in: group)
            return true
        }
        return false
    }

    /// Which of `keys`, pinned already, are not known.
    func unknown(_ keys: [FactKey]) -> [FactKey] {
        keys.filter { !facts.knows($0) }
    }

    func learn(_ key: FactKey, _ value: FactValue) {
        facts.learn(key, value)
    }

    /// Ends a procedure that was begun and will not be admitted.
    func abandon(_ keys: [FactKey]) {
        for key in keys { facts.unpin(key) }
    }

    /// A row that no procedure changes has been changed past the ledger.
    func forget(_ key: FactKey) {
        facts.forget(key)
    }

    // MARK: Deciding

    /// - Parameter keys: What is pinned for the procedure. It is unpinned with its outcome, and in
    ///   any case but `.joined` and `.incomplete` at once.
    mutating func admit(
        _ procedure: any Procedure, _ keys: inout [FactKey], _ reply: Reply
    ) -> Admission {
        var draft = Draft(facts)
        let answer: Answer
        do throws(Halt) {
            answer = try procedure.run(&draft)
        } catch {
            switch error {
            case .unknown:
                for key in draft.unknown { pin(key) }
                keys += draft.unknown
                return .incomplete(draft.unknown)
            case .refused(let reason):
                guard draft.dependsOnPending else {
                    abandon(keys)
                    return .refused(reason)
                }
                let entry = Entry(outcome: .failure(reason), events: [], keys: keys, reply: reply)
                join(entry, Draft(facts), [])
                return .joined(isRefused: true)
            }
        }
        if draft.changes.isEmpty && draft.events.isEmpty && !draft.dependsOnPending {
            abandon(keys)
            return .answered(answer)
        }
        let messages = draft.takeMessages { facts.contains(.message($0)) }
        // Pins are counted, so one that is there already does no harm.
        for change in draft.changes { keys.append(change.key) }
        for event in draft.events { keys.append(.inbox(event.user)) }
        for key in keys.suffix(draft.changes.count + draft.events.count) { facts.pin(key) }
        let entry = Entry(
            outcome: .success(answer), events: draft.events, keys: keys, reply: reply)
        join(entry, draft, messages)
        return .joined(isRefused: false)
    }

    private mutating func join(
        _ entry: Entry, _ draft: Draft, _ messages: [Draft.NewMessage]
    ) {
        if pending.isEmpty || pending[pending.count - 1].cost >= groupCost {
            pending.append(Group())
        }
        let place = pending.count - 1
        let before = pending[place].cost
        for change in draft.changes {
            set(change.key, change.value, in: place)
            pending[place].cost += change.value.cost
        }
        for event in draft.events {
            set(.inbox(event.user), .seq(event.seq), in: place)
        }
        for message in messages { pending[place].cost += 96 + message.value.text.utf8.count }
        pending[place].messages += messages
        pending[place].cost += 96 * draft.events.count
        cost += pending[place].cost - before
        pending[place].entries.append(entry)
    }

    private mutating func set(_ key: FactKey, _ value: FactValue, in place: Int) {
        let old = pending[place].changes.updateValue(value, forKey: key)
        if old == nil { pending[place].order.append(key) }
        facts.assign(key, value, isFirst: old == nil)
    }

    // MARK: Commits

    /// Whether a group waits to be begun.
    var hasPending: Bool { !pending.isEmpty }

    /// The oldest pending group is now under way; `nil` if one is already, or none is pending.
    mutating func beginCommit() -> Group? {
        guard underWay == nil, !pending.isEmpty else { return nil }
        underWay = pending.removeFirst()
        return underWay
    }

    /// The group under way is stored. Its entries, in the order of the decisions.
    mutating func commitSucceeded() -> [Entry] {
        guard let group = underWay else { return [] }
        underWay = nil
        cost -= group.cost
        for (key, value) in group.changes { facts.commit(key, value) }
        for message in group.messages {
            facts.correct(.message(message.key), .message(message.value))
        }
        for entry in group.entries { abandon(entry.keys) }
        return group.entries
    }

    /// The group under way is not stored. It and all that is pending is taken back.
    mutating func commitFailed() -> [Entry] {
        let groups = (underWay.map { [$0] } ?? []) + pending
        underWay = nil
        pending = []
        cost = 0
        for group in groups {
            for key in group.changes.keys { facts.takeBack(key) }
        }
        let entries = groups.flatMap(\.entries)
        for entry in entries { abandon(entry.keys) }
        return entries
    }
}

extension FactValue {
    /// Bytes that storing it takes, about.
    var cost: Int {
        switch self {
        case .message(let message): 96 + (message?.text.utf8.count ?? 0)
        case .seq, .roster: 0
        default: 128
        }
    }
}
