/// A bounded map from keys to what the store says about them. Pinned entries stay; of the others
/// the ones not used lately give way (second chance). Grows past `capacity` only by what is pinned.
///
/// An entry can be pinned before its value is known, so that a value read from the store while
/// others commit to the same key is never put in over a newer one: `learn` keeps what is there.
struct PinnedCache<Key: Hashable, Value> {
    private struct Slot {
        var key: Key
        var value: Value?
        var pins: Int
        var used: Bool
        var weight = 1
    }

    private let capacity: Int
    private let weigh: (Value) -> Int
    /// Of all slots.
    private var weight = 0
    private var places: [Key: Int] = [:]
    private var slots: [Slot] = []
    private var hand = 0

    /// - Parameters:
    ///   - capacity: What all entries may weigh.
    ///   - weigh: What a value weighs, 1 or more.
    init(capacity: Int, weigh: @escaping (Value) -> Int = { _ in 1 }) {
        self.capacity = max(16, capacity)
        self.weigh = weigh
    }

    var count: Int { slots.count }

    /// The value, if known; setting it makes it known.
    subscript(key: Key) -> Value? {
        mutating get {
            guard let place = places[key] else { return nil }
            slots[place].used = true
            return slots[place].value
        }
        set {
            if let place = places[key] {
                put(newValue, at: place)
            } else if let newValue {
                insert(Slot(key: key, value: newValue, pins: 0, used: false))
            }
        }
    }

    /// Whether the key is pinned or its value known.
    func contains(_ key: Key) -> Bool { places[key] != nil }

    /// Whether the value is known.
    func knows(_ key: Key) -> Bool {
        guard let place = places[key] else { return false }
        return slots[place].value != nil
    }

    /// What `body` gives for the value where it is, if it is known: large values are not copied.
    mutating func read<Result>(_ key: Key, _ body: (borrowing Value) -> Result) -> Result? {
        guard let place = places[key] else { return nil }
        slots[place].used = true
        return slots[place].value.map { body($0) }
    }

    /// Changes the value where it is, or sets that of a key that is not known.
    mutating func update(_ key: Key, _ body: (inout Value?) -> Void) {
        if let place = places[key] {
            slots[place].used = true
            body(&slots[place].value)
        } else {
            var value: Value?
            body(&value)
            if let value { insert(Slot(key: key, value: value, pins: 0, used: false)) }
        }
    }

    /// Pins the key; whether its value is known.
    @discardableResult
    mutating func pin(_ key: Key) -> Bool {
        if let place = places[key] {
            slots[place].pins += 1
            slots[place].used = true
            return slots[place].value != nil
        }
        insert(Slot(key: key, value: nil, pins: 1, used: false))
        return false
    }

    mutating func unpin(_ key: Key) {
        guard let place = places[key] else { return }
        slots[place].pins -= 1
        if slots[place].pins == 0, slots[place].value == nil { remove(at: place) }
    }

    /// Sets the value of a pinned key unless it is known already.
    mutating func learn(_ key: Key, _ value: Value) {
        guard let place = places[key], slots[place].value == nil else { return }
        put(value, at: place)
        makeRoom()
    }

    mutating func removeValue(_ key: Key) {
        guard let place = places[key] else { return }
        if slots[place].pins == 0 { remove(at: place) } else { put(nil, at: place) }
    }

    private mutating func put(_ value: Value?, at place: Int) {
        let old = slots[place].weight
        slots[place].value = value
        slots[place].weight = value.map(weigh) ?? 1
        weight += slots[place].weight - old
    }

    private mutating func insert(_ slot: Slot) {
        makeRoom()
        places[slot.key] = slots.count
        slots.append(slot)
        weight += 1
        if slot.value != nil { put(slot.value, at: slots.count - 1) }
    }

    private mutating func makeRoom() {
        var steps = 0
        while weight >= capacity, steps < 64, !slots.isEmpty {
            if hand >= slots.count { hand = 0 }
            if slots[hand].pins == 0, !slots[hand].used {
                remove(at: hand)
            } else {
                slots[hand].used = false
                hand += 1
            }
            steps += 1
        }
    }

    private mutating func remove(at place: Int) {
        places[slots[place].key] = nil
        weight -= slots[place].weight
        let last = slots.removeLast()
        if place < slots.count {
            slots[place] = last
            places[last.key] = place
        }
    }
}
