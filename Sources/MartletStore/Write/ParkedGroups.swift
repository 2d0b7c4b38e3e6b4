/// A group that is in the log, or failed to be, on its way to the memtables.
struct LoggedGroup {
    let requests: [CommitRequest]
    /// Its place in the order of application.
    let ticket: UInt64
    /// Why it is not in the log.
    var failure: StoreError?

    /// How many followers must have it first: as many as any of its writes asks for.
    var followers: Int { requests.reduce(0) { max($0, $1.durability.followers) } }
    var lastSequence: UInt64 { requests.last?.lastSequence ?? 0 }
    var bytes: Int { requests.reduce(0) { $0 + $1.batch.count } }
}

/// Logged groups that wait for followers, and those behind them: what is applied next is decided in
/// the order of tickets, by nobody's thread in particular. Without locks or I/O.
struct ParkedGroups {
    private var groups: [UInt64: LoggedGroup] = [:]
    /// Groups applied so far: the ticket of the next one.
    private(set) var applied: UInt64 = 0
    private(set) var bytes = 0
    private(set) var commits = 0

    var isEmpty: Bool { groups.isEmpty }

    /// Whether all before `group` are done.
    func isNext(_ group: LoggedGroup) -> Bool { group.ticket == applied }

    /// The group whose turn it is, if it is parked.
    var next: LoggedGroup? { groups[applied] }

    mutating func park(_ group: LoggedGroup) {
        groups[group.ticket] = group
        bytes += group.bytes
        commits += group.requests.count
    }

    /// Takes out the group whose turn it is: whoever does applies it.
    mutating func removeNext() {
        guard let group = groups.removeValue(forKey: applied) else { return }
        bytes -= group.bytes
        commits -= group.requests.count
    }

    /// The group that had the turn is done.
    mutating func advance() { applied += 1 }
}

extension Durability.Level {
    /// How many followers must have the write on disk.
    var followers: Int {
        if case .replicated(let count) = self { return count }
        return 0
    }

    /// Whether the write must be on this machine's disk.
    var isSynced: Bool {
        switch self {
        case .synced, .replicated: true
        case .written, .skipLog: false
        }
    }
}
