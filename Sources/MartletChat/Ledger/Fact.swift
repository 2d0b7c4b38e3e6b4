/// One fact in the ledger's memory: as it will be once all that is pending is stored, and as it is
/// stored. There is one for each key that is remembered or pinned, so whoever holds it needs no
/// look-up by its key any more.
///
/// `@unchecked Sendable`: the key never changes; all else is touched by the ledger's owner only,
/// who lets one thread at a time in. Jobs and groups carry facts to other threads, which read the
/// key. So no two accesses overlap, and the dynamic checks of that are off.
final class Fact: @unchecked Sendable {
    let key: FactKey
    let fingerprint: UInt64
    /// Whether it is forgotten once it is stored: nearly no client message id comes twice, and one
    /// for each message would push out what is needed again. The store knows it.
    fileprivate let isOnce: Bool
    /// As it will be; `nil` while nobody has said.
    @exclusivity(unchecked) fileprivate(set) var value: FactValue?
    /// As it is stored; `nil` where it was set without having been known.
    @exclusivity(unchecked) fileprivate var committed: FactValue?
    /// Groups that change it and are not stored yet.
    @exclusivity(unchecked) fileprivate(set) var pending = 0
    @exclusivity(unchecked) fileprivate var pins = 0
    @exclusivity(unchecked) fileprivate var wasUsed = false
    @exclusivity(unchecked) fileprivate var weight = 1
    /// Its place in the cache's ring.
    fileprivate var place = 0
    /// The draft that has it in hand, where among the draft's changes it is, and how many events
    /// of it the draft has.
    @exclusivity(unchecked) var draft = Mark()
    @exclusivity(unchecked) var draftEvents: UInt64 = 0
    /// What is needed together with it: its two bundles. Those of them that have been removed from
    /// the cache since are not to be used.
    @exclusivity(unchecked) fileprivate var companions: (first: [Fact], second: [Fact]) = (
        [], []
    )
    /// Of a roster: the inboxes of all who are on it, from the last message to them.
    @exclusivity(unchecked) var inboxes: InboxList?
    /// Whether the cache has let go of it.
    @exclusivity(unchecked) fileprivate(set) var isRemoved = false
    /// The newest group that changes it, and where among its changes.
    @exclusivity(unchecked) var group = Mark()

    /// Who has put the fact where in a list of its own.
    struct Mark {
        var owner: UInt64 = 0
        var place: Int?
    }

    fileprivate init(_ key: FactKey) {
        self.key = key
        fingerprint = key.fingerprint
        isOnce = if case .send = key { true } else { false }
    }

    var isKnown: Bool { value != nil }
    /// Whether some of `value` is not stored yet.
    var isPending: Bool { pending > 0 }
}

/// All facts that are remembered or pinned, within a bound: of those neither pinned nor pending,
/// the ones not used lately give way (second chance). It grows beyond the bound only by those.
///
/// A fact can be pinned before its value is known, so that a value read from the store while others
/// commit to the same key is never put in over a newer one: `learn` keeps what is there.
///
/// Confined to the ledger that owns it.
final class FactCache {
    private let capacity: Int
    /// One thread at a time is in the ledger, and nothing here calls out.
    @exclusivity(unchecked) private var facts: [FactKey: Fact] = [:]
    @exclusivity(unchecked) private var ring: [Fact] = []
    @exclusivity(unchecked) private var hand = 0
    /// Of all facts.
    @exclusivity(unchecked) private var weight = 0
    /// How many messages are among the facts, by a part of their keys' bits: nearly no new message
    /// is, and none has to be looked up to see that.
    @exclusivity(unchecked) private var messages = [UInt32](repeating: 0, count: 4096)
    @exclusivity(unchecked) private var lastMark: UInt64 = 0
    /// Inboxes that were facts and are none any more, or are not known any more, so far.
    @exclusivity(unchecked) private(set) var lostInboxes: UInt64 = 0

    /// - Parameter capacity: Small facts; a long one counts as some.
    init(capacity: Int) {
        self.capacity = max(16, capacity)
    }

    var count: Int { ring.count }

    /// A number that no other owner of a mark has.
    func nextMark() -> UInt64 {
        lastMark += 1
        return lastMark
    }

    /// The fact of `key`, known or not; it stays until it is unpinned as often.
    func pin(_ key: FactKey) -> Fact {
        if let fact = facts[key] {
            hold(fact)
            return fact
        }
        makeRoom()
        let fact = Fact(key)
        fact.pins = 1
        fact.place = ring.count
        facts[key] = fact
        ring.append(fact)
        weight += 1
        if case .message(let message) = key { messages[Self.bits(message)] &+= 1 }
        return fact
    }

    /// The facts of a bundle: its own, the anchor, and the rest in the order in which they were
    /// remembered, all pinned; `nil` if they are not all there.
    func pin(_ bundle: FactBundle) -> [Fact]? {
        guard let anchor = facts[bundle.anchor] else { return nil }
        let rest = bundle.isSecond ? anchor.companions.second : anchor.companions.first
        if rest.isEmpty { return nil }
        for fact in rest where fact.isRemoved { return nil }
        var pinned: [Fact] = []
        pinned.reserveCapacity(rest.count + 2)
        // Before its own makes room for itself.
        hold(anchor)
        for fact in rest { hold(fact) }
        pinned.append(pin(bundle.own))
        pinned.append(anchor)
        pinned.append(contentsOf: rest)
        return pinned
    }

    private func hold(_ fact: Fact) {
        fact.pins += 1
        fact.wasUsed = true
    }

    /// - Parameter pinned: the facts of the keys of a procedure with this bundle.
    func remember(_ bundle: FactBundle, _ pinned: [Fact]) {
        let (anchor, rest) = (pinned[1], Array(pinned.dropFirst(2)))
        if bundle.isSecond {
            anchor.companions.second = rest
        } else {
            anchor.companions.first = rest
        }
    }

    func unpin(_ fact: Fact) {
        fact.pins -= 1
        if fact.pins > 0 || fact.isPending { return }
        if fact.value == nil || fact.isOnce { remove(fact) }
    }

    /// The fact of a message, if somebody has pinned it or its value is known.
    func message(_ key: MessageKey) -> Fact? {
        messages[Self.bits(key)] == 0 ? nil : facts[.message(key)]
    }

    /// What the store says; ignored if something is known already, which is never older.
    func learn(_ fact: Fact, _ value: FactValue) {
        guard fact.value == nil else { return }
        put(value, in: fact)
        fact.committed = value
        makeRoom()
    }

    /// Takes over what a group decided. `isFirst`: the group has not changed it before.
    func assign(_ fact: Fact, _ value: FactValue, isFirst: Bool) {
        put(value, in: fact)
        if isFirst { fact.pending += 1 }
    }

    /// The group that set `value` is stored.
    func commit(_ fact: Fact, _ value: FactValue) {
        fact.committed = value
        fact.pending -= 1
    }

    /// A message that was no fact when it was decided on is stored now. Who guessed its key and
    /// looked for it in between found nothing, which must not be remembered.
    func correct(_ key: MessageKey, _ value: MessageValue) {
        guard let fact = message(key), !fact.isPending else { return }
        put(.message(value), in: fact)
        fact.committed = fact.value
    }

    /// Gives each inbox its next place.
    func advance(_ list: InboxList) -> [UInt64] {
        var seqs: [UInt64] = []
        seqs.reserveCapacity(list.inboxes.count)
        for inbox in list.inboxes {
            guard case .seq(let last)? = inbox.value else {
                preconditionFailure("the inboxes of a whole list are known")
            }
            inbox.value = .seq(last + 1)
            inbox.pending += 1
            inbox.wasUsed = true
            seqs.append(last + 1)
        }
        return seqs
    }

    /// These places are stored, maybe behind later ones of the same group.
    func commit(_ list: InboxList, _ seqs: [UInt64]) {
        for (inbox, seq) in zip(list.inboxes, seqs) {
            inbox.pending -= 1
            if case .seq(let stored)? = inbox.committed, stored >= seq { continue }
            inbox.committed = .seq(seq)
        }
    }

    /// Nothing that is pending will be stored.
    func takeBack(_ fact: Fact) {
        fact.pending = 0
        put(fact.committed, in: fact)
        if fact.pins == 0, fact.value == nil { remove(fact) }
    }

    /// Forgets what is known of a key that no group changes: its row has been changed past the
    /// ledger.
    func forget(_ key: FactKey) {
        guard let fact = facts[key], !fact.isPending else { return }
        if case .inbox = key { lostInboxes += 1 }
        put(nil, in: fact)
        fact.committed = nil
        if fact.pins == 0 { remove(fact) }
    }

    private func put(_ value: FactValue?, in fact: Fact) {
        let new = value?.weight ?? 1
        weight += new - fact.weight
        fact.weight = new
        fact.value = value
    }

    private func makeRoom() {
        var steps = 0
        while weight >= capacity, steps < 64, !ring.isEmpty {
            if hand >= ring.count { hand = 0 }
            let fact = ring[hand]
            if fact.pins == 0, !fact.isPending, !fact.wasUsed {
                remove(fact)
            } else {
                fact.wasUsed = false
                hand += 1
            }
            steps += 1
        }
    }

    private func remove(_ fact: Fact) {
        // Removed twice (pinned for two, say), it would take another's place with it.
        guard facts.removeValue(forKey: fact.key) != nil else { return }
        switch fact.key {
        case .message(let message): messages[Self.bits(message)] &-= 1
        case .inbox: lostInboxes += 1
        default: break
        }
        weight -= fact.weight
        fact.isRemoved = true
        fact.companions = ([], [])
        fact.inboxes = nil
        let last = ring.removeLast()
        if last !== fact {
            ring[fact.place] = last
            last.place = fact.place
        }
    }

    private static func bits(_ key: MessageKey) -> Int {
        let mixed = (key.conversation.rawValue ^ key.number) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed >> 52)
    }
}

extension FactValue {
    /// How many small facts take as much memory, about 256 bytes each.
    fileprivate var weight: Int {
        switch self {
        case .message(let message): 1 + (message?.text.utf8.count ?? 0) / 256
        case .roster(let roster): 1 + roster.count / 6
        default: 1
        }
    }
}
