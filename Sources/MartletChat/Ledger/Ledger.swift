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
        /// What all of a group are told at once.
        var fanOuts: [FanOut] = []
        /// Pinned until its outcome.
        var facts: [Fact]
        var reply: Reply
    }

    /// What is stored by one commit.
    struct Group: Sendable {
        /// On the facts that it changes.
        fileprivate let mark: UInt64
        var entries: [Entry] = []
        /// The last value of each fact that its procedures changed, in the order of the first
        /// changes: equal runs make equal batches.
        var changes: [Draft.Change] = []
        var messages: [Draft.NewMessage] = []
        var cost = 0
    }

    enum Admission {
        /// Nothing to store, and nothing to wait for.
        case answered(Answer)
        case refused(ChatError)
        /// The reply comes with the group's outcome.
        case joined(isRefused: Bool)
        /// More facts are pinned now, some of them unknown, and must be learned first.
        case incomplete
    }

    private let facts: FactCache
    private var pending: [Group] = []
    private(set) var underWay: Group?
    private let groupCost: Int
    private var scratch = Draft.Scratch()
    /// Of the last group: the next one will be of that size.
    private var size = (entries: 0, changes: 0, messages: 0)
    /// Bytes, about, of all that is decided and not stored yet.
    private(set) var cost = 0

    init(cacheEntries: Int, groupCost: Int) {
        facts = FactCache(capacity: cacheEntries)
        self.groupCost = groupCost
    }

    var isIdle: Bool { underWay == nil && pending.isEmpty }

    // MARK: Before

    /// Pins the facts that a procedure surely needs, known or not.
    mutating func begin(_ procedure: any Procedure) -> [Fact] {
        guard let bundle = procedure.bundle else { return begin(procedure.keys) }
        if let pinned = facts.pin(bundle) { return pinned }
        let pinned = begin(procedure.keys)
        facts.remember(bundle, pinned)
        return pinned
    }

    /// Pins the facts of `keys`, known or not.
    mutating func begin(_ keys: [FactKey]) -> [Fact] {
        var pinned: [Fact] = []
        pinned.reserveCapacity(keys.count)
        for key in keys {
            let fact = facts.pin(key)
            if !fact.isKnown { adopt(fact) }
            pinned.append(fact)
        }
        return pinned
    }

    /// A message that is decided and not stored yet is a fact from now on. The store would say that
    /// there is none, and that would be believed for as long as it is remembered.
    private mutating func adopt(_ fact: Fact) {
        guard case .message(let message) = fact.key else { return }
        if let value = underWay?.messages.last(where: { $0.key == message })?.value {
            underWay?.changes.append(Draft.Change(fact: fact, value: .message(value)))
            facts.assign(fact, .message(value), isFirst: true)
            return
        }
        for group in pending.indices {
            let place = pending[group].messages.lastIndex { $0.key == message }
            guard let place else { continue }
            // Its later changes take its place in the group: it must not be stored after them.
            let value = pending[group].messages.remove(at: place).value
            set(fact, .message(value), in: group)
            return
        }
    }

    func learn(_ fact: Fact, _ value: FactValue) {
        facts.learn(fact, value)
    }

    /// Ends a procedure that was begun and will not be admitted.
    func abandon(_ pinned: [Fact]) {
        for fact in pinned { facts.unpin(fact) }
    }

    /// A row that no procedure changes has been changed past the ledger.
    func forget(_ key: FactKey) {
        facts.forget(key)
    }

    // MARK: Deciding

    /// - Parameter pinned: What is pinned for the procedure; more may be. It is unpinned with its
    ///   outcome, and in any case but `.joined` and `.incomplete` at once.
    mutating func admit(
        _ procedure: any Procedure, _ pinned: inout [Fact], _ reply: Reply
    ) -> Admission {
        let begun = pinned.count
        var draft = Draft(facts, pinned, &scratch)
        defer { draft.recycle(into: &scratch) }
        let answer: Answer
        do throws(Halt) {
            answer = try procedure.run(&draft)
        } catch {
            pinned = draft.facts
            switch error {
            case .unknown:
                for fact in pinned[begun...] where !fact.isKnown { adopt(fact) }
                return .incomplete
            case .refused(let reason):
                guard draft.dependsOnPending else {
                    abandon(pinned)
                    return .refused(reason)
                }
                let entry = Entry(
                    outcome: .failure(reason), events: [], facts: pinned, reply: reply)
                join(entry, [], [])
                return .joined(isRefused: true)
            }
        }
        // What the draft has asked for since may have pushed out an inbox: once more, with all of
        // them pinned.
        for fanOut in draft.fanOuts where !facts.isWhole(fanOut.list) {
            pinned = draft.facts
            return .incomplete
        }
        if draft.changes.isEmpty && draft.hasToldNobody && !draft.dependsOnPending {
            pinned = draft.facts
            abandon(pinned)
            return .answered(answer)
        }
        draft.sortMessages()
        pinned = draft.facts
        var entry = Entry(
            outcome: .success(answer), events: draft.events, facts: pinned, reply: reply)
        for var fanOut in draft.fanOuts {
            fanOut.seqs = facts.advance(fanOut.list)
            entry.fanOuts.append(fanOut)
        }
        join(entry, draft.changes, draft.messages)
        return .joined(isRefused: false)
    }

    private mutating func join(
        _ entry: Entry, _ changes: [Draft.Change], _ messages: [Draft.NewMessage]
    ) {
        if pending.isEmpty || pending[pending.count - 1].cost >= groupCost {
            pending.append(makeGroup())
        }
        let place = pending.count - 1
        var added = 96 * entry.eventCount
        for change in changes {
            set(change.fact, change.value, in: place)
            added += change.value.cost
        }
        for event in entry.events { set(event.inbox, .seq(event.seq), in: place) }
        for message in messages { added += 96 + message.value.text.utf8.count }
        pending[place].messages += messages
        pending[place].cost += added
        cost += added
        pending[place].entries.append(entry)
    }

    private func makeGroup() -> Group {
        var group = Group(mark: facts.nextMark())
        group.entries.reserveCapacity(min(size.entries, 256))
        group.changes.reserveCapacity(min(size.changes, 1_024))
        group.messages.reserveCapacity(min(size.messages, 512))
        return group
    }

    private mutating func set(_ fact: Fact, _ value: FactValue, in place: Int) {
        if fact.group.owner == pending[place].mark, let change = fact.group.place {
            pending[place].changes[change].value = value
            facts.assign(fact, value, isFirst: false)
        } else {
            fact.group = Fact.Mark(owner: pending[place].mark, place: pending[place].changes.count)
            pending[place].changes.append(Draft.Change(fact: fact, value: value))
            facts.assign(fact, value, isFirst: true)
        }
    }

    // MARK: Commits

    /// Whether a group waits to be begun.
    var hasPending: Bool { !pending.isEmpty }

    /// The oldest pending group is now under way; `nil` if one is already, or none is pending.
    mutating func beginCommit() -> Group? {
        guard underWay == nil, !pending.isEmpty else { return nil }
        let group = pending.removeFirst()
        size = (group.entries.count, group.changes.count, group.messages.count)
        underWay = group
        return group
    }

    /// Changes what is wanted back with the outcomes that are still to come, in their order.
    mutating func changeReplies(_ body: (inout Reply) -> Void) {
        if var group = underWay {
            // One owner, so that nothing is copied but what another holds.
            underWay = nil
            for place in group.entries.indices { body(&group.entries[place].reply) }
            underWay = group
        }
        for group in pending.indices {
            for place in pending[group].entries.indices {
                body(&pending[group].entries[place].reply)
            }
        }
    }

    /// The group under way is stored. Its entries, in the order of the decisions.
    mutating func commitSucceeded() -> [Entry] {
        guard let group = underWay else { return [] }
        underWay = nil
        cost -= group.cost
        for change in group.changes { facts.commit(change.fact, change.value) }
        for message in group.messages { facts.correct(message.key, message.value) }
        for entry in group.entries {
            for fanOut in entry.fanOuts { facts.commit(fanOut.list, fanOut.seqs) }
            abandon(entry.facts)
        }
        return group.entries
    }

    /// The group under way is not stored. It and all that is pending is taken back.
    mutating func commitFailed() -> [Entry] {
        let groups = (underWay.map { [$0] } ?? []) + pending
        underWay = nil
        pending = []
        cost = 0
        for group in groups {
            for change in group.changes { facts.takeBack(change.fact) }
        }
        let entries = groups.flatMap(\.entries)
        for entry in entries {
            for fanOut in entry.fanOuts {
                for inbox in fanOut.list.inboxes { facts.takeBack(inbox) }
            }
            abandon(entry.facts)
        }
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
