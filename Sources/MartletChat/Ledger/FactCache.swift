/// What is known of facts: as it will be once all that is pending is stored, and as it is stored.
///
/// Confined to the ledger that owns it.
final class FactCache {
    struct State {
        var assigned: FactValue
        /// `nil` where a fact was set without having been known.
        var committed: FactValue?
        /// Groups that change it and are not stored yet.
        var pending = 0
    }

    /// One thread at a time is in the ledger, and nothing here calls out.
    @exclusivity(unchecked) private var states: PinnedCache<FactKey, State>

    /// - Parameter capacity: Small facts; a long one counts as some.
    init(capacity: Int) {
        states = PinnedCache(capacity: capacity) { $0.assigned.weight }
    }

    var count: Int { states.count }

    /// Whether the key is pinned or its value known.
    func contains(_ key: FactKey) -> Bool { states.contains(key) }

    /// Whether what is pinned is known.
    @discardableResult
    func pin(_ key: FactKey) -> Bool { states.pin(key) }
    func unpin(_ key: FactKey) { states.unpin(key) }

    func knows(_ key: FactKey) -> Bool { states.knows(key) }

    /// The value as it will be, and whether some of it is not stored yet.
    func value(of key: FactKey) -> (value: FactValue, isPending: Bool)? {
        states.read(key) { ($0.assigned, $0.pending > 0) }
    }

    /// What the store says; ignored if something is known already, which is never older.
    func learn(_ key: FactKey, _ value: FactValue) {
        states.learn(key, State(assigned: value, committed: value))
    }

    /// Takes over what a group decided. The key is pinned. `isFirst`: the group has not changed it
    /// before.
    func assign(_ key: FactKey, _ value: FactValue, isFirst: Bool) {
        states.update(key) { state in
            if state == nil {
                state = State(assigned: value, committed: nil, pending: 1)
            } else {
                state?.assigned = value
                if isFirst { state?.pending += 1 }
            }
        }
    }

    /// The group that set `value` is stored.
    func commit(_ key: FactKey, _ value: FactValue) {
        states.update(key) { state in
            state?.committed = value
            state?.pending -= 1
        }
    }

    /// A row that was no fact when it was decided on is stored now. Who guessed its key and looked
    /// for it in between found nothing, which must not be remembered.
    func correct(_ key: FactKey, _ value: FactValue) {
        guard contains(key), states[key]?.pending ?? 0 == 0 else { return }
        states[key] = State(assigned: value, committed: value)
    }

    /// Nothing that is pending will be stored.
    func takeBack(_ key: FactKey) {
        guard let state = states[key] else { return }
        if let committed = state.committed {
            states[key] = State(assigned: committed, committed: committed)
        } else {
            states.removeValue(key)
        }
    }

    /// Forgets what is known of a key that no group changes: its row has been changed past the
    /// ledger.
    func forget(_ key: FactKey) {
        if states[key]?.pending ?? 0 == 0 { states.removeValue(key) }
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
