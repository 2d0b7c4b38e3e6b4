/// A dictionary of bounded size: a new key takes the place of the one untouched for longest.
package struct BoundedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var key: Key
        var value: Value
        /// The neighbours in the order of the last touch; -1 for none.
        var older: Int
        var newer: Int
    }

    package let capacity: Int
    private let initial: Value
    private var places: [Key: Int] = [:]
    private var entries: [Entry] = []
    private var oldest = -1
    private var newest = -1

    /// - Parameters:
    ///   - capacity: keys at most, at least 1.
    ///   - initial: the value of a key that is not there.
    package init(capacity: Int, initial: Value) {
        self.capacity = max(1, capacity)
        self.initial = initial
    }

    package var count: Int { entries.count }

    /// Calls `body` with the value of `key`, which is then the one touched last.
    package mutating func update<Result>(
        _ key: Key, _ body: (inout Value) throws -> Result
    ) rethrows -> Result {
        let place = touch(key)
        return try body(&entries[place].value)
    }

    private mutating func touch(_ key: Key) -> Int {
        if let place = places[key] {
            if place != newest {
                unlink(place)
                append(place)
            }
            return place
        }
        let place: Int
        if entries.count < capacity {
            place = entries.count
            entries.append(Entry(key: key, value: initial, older: -1, newer: -1))
        } else {
            place = oldest
            places[entries[place].key] = nil
            unlink(place)
            entries[place] = Entry(key: key, value: initial, older: -1, newer: -1)
        }
        places[key] = place
        append(place)
        return place
    }

    private mutating func unlink(_ place: Int) {
        let (older, newer) = (entries[place].older, entries[place].newer)
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
        if newer >= 0 { entries[newer].older = older } else { newest = older }
    }

    private mutating func append(_ place: Int) {
        entries[place].older = newest
        entries[place].newer = -1
        if newest >= 0 { entries[newest].newer = place } else { oldest = place }
        newest = place
    }
}
