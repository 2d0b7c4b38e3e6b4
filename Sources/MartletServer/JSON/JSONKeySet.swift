/// The keys of one object so far, compared by their bytes (never by what Unicode calls equal).
struct JSONKeySet {
    private var few: [String] = []
    private var many: Set<[UInt8]> = []

    /// Returns false if `key` is there already.
    mutating func insert(_ key: String) -> Bool {
        if few.count < 8 {
            if few.isEmpty { few.reserveCapacity(4) }
            if few.contains(where: { $0.utf8.elementsEqual(key.utf8) }) { return false }
            few.append(key)
            return true
        }
        if many.isEmpty { for old in few { many.insert(Array(old.utf8)) } }
        return many.insert(Array(key.utf8)).inserted
    }
}
