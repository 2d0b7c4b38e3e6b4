/// Keys with the earliest in front: a binary heap. Keys are not taken out when their job moves;
/// whoever takes one asks whether it still holds.
struct DueQueue: Sendable {
    private(set) var keys: [PushJob.Key] = []

    var first: PushJob.Key? { keys.first }

    mutating func insert(_ key: PushJob.Key) {
        keys.append(key)
        var child = keys.count - 1
        while child > 0, keys[child] < keys[(child - 1) / 2] {
            keys.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> PushJob.Key? {
        guard let first = keys.first else { return nil }
        keys.swapAt(0, keys.count - 1)
        keys.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < keys.count && keys[child] < keys[least] {
                least = child
            }
            if least == parent { return first }
            keys.swapAt(parent, least)
            parent = least
        }
    }

    /// Drops the keys that no longer hold.
    mutating func keep(_ holds: (PushJob.Key) -> Bool) {
        // A sorted array is a heap. A job may have left the same key behind twice.
        var kept: [PushJob.Key] = []
        for key in keys.filter(holds).sorted() where kept.last != key { kept.append(key) }
        keys = kept
    }
}
