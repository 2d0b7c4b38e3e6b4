/// The HTTP clients in use, each nailed to one checked address of one origin. At most `capacity`
/// stand unused; those that no request uses any more come out to be closed. Knows nothing of HTTP.
struct ClientShelf<Client: Sendable>: Sendable {
    /// A client lent to one request.
    struct Lease: Sendable {
        fileprivate var id: Int
        var client: Client
        var address: IPAddress
    }

    private struct Entry {
        var client: Client
        var origin: String
        var address: IPAddress
        /// When the address was last checked, and when the client was last lent (microseconds).
        var checkedAt: UInt64
        var usedAt: UInt64
        var users = 0
        var isRetired = false
    }

    private let capacity: Int
    private let lifetime: UInt64
    private var entries: [Int: Entry] = [:]
    private var current: [String: Int] = [:]
    private var nextID = 0

    /// - Parameter lifetime: for how long a checked address counts as checked, in microseconds.
    init(capacity: Int, lifetime: UInt64) {
        self.capacity = capacity
        self.lifetime = lifetime
    }

    var count: Int { entries.count }

    /// The client of `origin`, if its address was checked lately, or whenever where `anyAge`.
    mutating func lease(_ origin: String, now: UInt64, anyAge: Bool = false) -> Lease? {
        guard let id = current[origin], let entry = entries[id] else { return nil }
        let age = now < entry.checkedAt ? 0 : now - entry.checkedAt
        return age <= lifetime || anyAge ? lend(id, now: now) : nil
    }

    /// A client of `origin` for one of `addresses`, all of them just checked: the one at hand if it
    /// leads to one of them, else a new one for the first.
    ///
    /// - Returns: the lease, and the clients to close now.
    mutating func lease(
        _ origin: String, addresses: [IPAddress], now: UInt64, make: (IPAddress) -> Client
    ) -> (lease: Lease?, closing: [Client]) {
        if let id = current[origin], let entry = entries[id], addresses.contains(entry.address) {
            entries[id]?.checkedAt = now
            return (lend(id, now: now), [])
        }
        guard let address = addresses.first else { return (nil, []) }
        var closing = current[origin].map { retire($0) } ?? []
        nextID += 1
        entries[nextID] = Entry(
            client: make(address), origin: origin, address: address, checkedAt: now, usedAt: now)
        current[origin] = nextID
        let lease = lend(nextID, now: now)
        closing += shrink()
        return (lease, closing)
    }

    /// Takes a client back; `isBroken` where its address did not answer.
    ///
    /// - Returns: the clients to close now.
    mutating func release(_ lease: Lease, isBroken: Bool) -> [Client] {
        guard let entry = entries[lease.id] else { return [] }
        entries[lease.id]?.users = entry.users - 1
        return isBroken || entry.isRetired ? retire(lease.id) : shrink()
    }

    /// Gives up all clients, lent or not.
    mutating func removeAll() -> [Client] {
        defer {
            entries = [:]
            current = [:]
        }
        return entries.values.map(\.client)
    }

    private mutating func lend(_ id: Int, now: UInt64) -> Lease? {
        guard let entry = entries[id] else { return nil }
        entries[id]?.users += 1
        entries[id]?.usedAt = now
        return Lease(id: id, client: entry.client, address: entry.address)
    }

    private mutating func retire(_ id: Int) -> [Client] {
        guard let entry = entries[id] else { return [] }
        entries[id]?.isRetired = true
        if current[entry.origin] == id { current[entry.origin] = nil }
        guard entry.users == 0 else { return [] }
        entries[id] = nil
        return [entry.client]
    }

    /// Retires the longest unused ones above the capacity.
    private mutating func shrink() -> [Client] {
        var closing: [Client] = []
        while entries.count > capacity {
            let idle = entries.filter { $0.value.users == 0 }
            guard let oldest = idle.min(by: { $0.value.usedAt < $1.value.usedAt }) else { break }
            closing += retire(oldest.key)
        }
        return closing
    }
}
