/// The inboxes of all who are in a group, in the order of the roster: their facts in hand, so that
/// a message needs neither a look-up nor a pin for each of ten thousand.
///
/// The facts are not pinned. The cache says whether all of them are still its own (`isWhole`).
///
/// `@unchecked Sendable`: `wholeAt` and what is in the facts are touched by the ledger's owner
/// only, who lets one thread at a time in (as of `Fact`); all else never changes, and is what the
/// threads that store and tell read: `roster`, and how many inboxes there are.
final class InboxList: @unchecked Sendable {
    let roster: Roster
    let inboxes: [Fact]
    /// How many inboxes the cache had lost when all of these were known to be its own.
    @exclusivity(unchecked) var wholeAt: UInt64

    /// - Parameter inboxes: One for each of the roster's entries.
    init(_ roster: Roster, _ inboxes: [Fact], wholeAt: UInt64) {
        self.roster = roster
        self.inboxes = inboxes
        self.wholeAt = wholeAt
    }
}

/// One event for everybody in a group, at the next place of each inbox. Only the places are decided
/// with the procedure; what is made of them for each member is made when the group of procedures is
/// stored, and by whoever stores it.
struct FanOut: Sendable {
    let list: InboxList
    let value: InboxValue
    /// What observers of all but the author are told.
    let shown: InboxEvent.Kind
    let author: UserID
    let shownToAuthor: InboxEvent.Kind
    /// In the order of the list; empty before they are given.
    var seqs: [UInt64] = []

    var count: Int { list.inboxes.count }

    func kind(for user: UserID) -> InboxEvent.Kind { user == author ? shownToAuthor : shown }
}

extension Draft {
    /// The inboxes of a whole group, if one event can go to all of them at once: nothing else has
    /// been told by this draft, nor has it changed who is in the group.
    mutating func inboxes(
        of group: ConversationID, _ roster: Roster
    ) throws(Halt) -> InboxList? {
        guard hasToldNobody, let anchor = unchangedRoster(of: group, roster) else { return nil }
        if let list = anchor.inboxes, list.roster === roster, cache.isWhole(list) { return list }
        try need(roster.entries.lazy.map { .inbox($0.user) })
        var inboxes: [Fact] = []
        inboxes.reserveCapacity(roster.count)
        for entry in roster.entries { inboxes.append(fact(.inbox(entry.user))) }
        let list = InboxList(roster, inboxes, wholeAt: cache.lostInboxes)
        anchor.inboxes = list
        return list
    }

    private mutating func unchangedRoster(
        of group: ConversationID, _ roster: Roster
    ) -> Fact? {
        let fact = fact(.roster(group))
        guard fact.draft.place == nil, case .roster(let known)? = fact.value, known === roster
        else { return nil }
        return fact
    }
}

extension FactCache {
    /// Whether all of these facts are the cache's, and known. Costs a look at each only if an inbox
    /// was lost since the last time.
    func isWhole(_ list: InboxList) -> Bool {
        if list.wholeAt == lostInboxes { return true }
        for inbox in list.inboxes where inbox.isRemoved || !inbox.isKnown { return false }
        list.wholeAt = lostInboxes
        return true
    }
}

extension Ledger.Entry {
    /// How many events it has.
    var eventCount: Int { fanOuts.reduce(events.count) { $0 + $1.count } }

    /// Its events; those of one inbox in the order of their seqs.
    func eachEvent(_ body: (UserID, UInt64, InboxEvent.Kind) -> Void) {
        for event in events { body(event.user, event.seq, event.kind) }
        for fanOut in fanOuts {
            for (member, seq) in zip(fanOut.list.roster.entries, fanOut.seqs) {
                body(member.user, seq, fanOut.kind(for: member.user))
            }
        }
    }
}
