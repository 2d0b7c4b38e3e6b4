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

    private var states: PinnedCache<FactKey, State>

    init(capacity: Int) {
        states = PinnedCache(capacity: capacity)
    }

    var count: Int { states.count }

    /// Whether the key is pinned or its value known.
    func contains(_ key: FactKey) -> Bool { states.contains(key) }

    func pin(_ key: FactKey) { states.pin(key) }
    func unpin(_ key: FactKey) { states.unpin(key) }

    func state(of key: FactKey) -> State? { states[key] }

    /// What the store says; ignored if something is known already, which is never older.
    func learn(_ key: FactKey, _ value: FactValue) {
        states.learn(key, State(assigned: value, committed: value))
    }

    /// Takes over what a group decided. The key is pinned. `isFirst`: the group has not changed it
    /// before.
    func assign(_ key: FactKey, _ value: FactValue, isFirst: Bool) {
        guard var state = states[key] else {
            states[key] = State(assigned: value, committed: nil, pending: 1)
            return
        }
        state.assigned = value
        if isFirst { state.pending += 1 }
        states[key] = state
    }

    /// The group that set `value` is stored.
    func commit(_ key: FactKey, _ value: FactValue) {
        guard var state = states[key] else { return }
        state.committed = value
        state.pending -= 1
        states[key] = state
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

    /// Forgets what is known of an unpinned key: its row has been changed past the ledger.
    func forget(_ key: FactKey) { states.removeValue(key) }
}
