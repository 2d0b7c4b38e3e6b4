/// Which of the kept requests is driven again, and when: a state machine without I/O or time of its
/// own.
///
/// Those of one sender go in the order in which they came in, one at a time; senders take turns. A
/// failure of the store holds everything up: until a commit succeeds, or a growing time is over and
/// one request is sent to look. One that is refused waits for the operator, and so does one that is
/// so old that the store may have forgotten whether it was stored.
struct RedriveSchedule: Sendable {
    /// The bounds. Times are in microseconds.
    struct Limits: Sendable {
        var underWayMax = 16
        var delayFirst: UInt64 = 1_000_000
        var delayMax: UInt64 = 60_000_000
        /// The age from which on a request is no longer driven by itself.
        var window: UInt64 = 7 * 86_400_000_000
    }

    enum Phase: Sendable {
        case waiting, underWay
        /// Only `force` brings them back.
        case refused, expired
    }

    enum Outcome: Sendable { case stored, refused, unavailable }

    private struct Entry {
        var user: UserID
        var failedAt: UInt64
        var phase: Phase
        /// Repeats of the sender that are under way: they decide.
        var claims = 0
        /// Whether an operator wants it driven however old it is.
        var isForced = false
    }

    private let limits: Limits
    private var entries: [UInt64: Entry] = [:]
    /// What waits or is under way, by sender, in its order.
    private var lines: [UserID: [UInt64]] = [:]
    /// Senders whose first request may be driven, in turn.
    private var round: [UserID] = []
    private var isInRound: Set<UserID> = []
    private var underWay = 0
    /// Failures of the store since it last took something.
    private var failures: UInt32 = 0
    /// Nothing is driven before, on the monotonic clock.
    private var openAt: UInt64 = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Requests that wait or are under way.
    var waiting: Int { lines.values.reduce(0) { $0 + $1.count } }

    /// `nil` for what is not there.
    func phase(of id: UInt64) -> Phase? { entries[id]?.phase }

    /// Whether it is too old to be driven by itself.
    func isExpired(_ id: UInt64, time: UInt64) -> Bool {
        guard let entry = entries[id], !entry.isForced else { return false }
        return time > entry.failedAt && time - entry.failedAt > limits.window
    }

    // MARK: What happens

    mutating func add(_ id: UInt64, of user: UserID, failedAt: UInt64, isRefused: Bool = false) {
        entries[id] = Entry(
            user: user, failedAt: failedAt, phase: isRefused ? .refused : .waiting)
        if !isRefused { line(up: id, of: user) }
    }

    /// The store refused something.
    mutating func storeFailed(now: UInt64) {
        failures = max(failures, 1)
        openAt = max(openAt, now + delay)
    }

    /// The store took something. Whether that changes anything here.
    mutating func storeWrites(now: UInt64) -> Bool {
        guard failures > 0 else { return false }
        failures = 0
        openAt = now
        return true
    }

    /// The sender repeats the request: it is not driven until `release`.
    mutating func claim(_ id: UInt64) { entries[id]?.claims += 1 }

    mutating func release(_ id: UInt64) {
        guard let entry = entries[id], entry.claims > 0 else { return }
        entries[id]?.claims -= 1
        enter(entry.user)
    }

    /// An operator wants it driven now, whatever has become of it before.
    mutating func force(_ id: UInt64) {
        guard let entry = entries[id] else { return }
        entries[id]?.isForced = true
        failures = 0
        openAt = 0
        if entry.phase == .refused || entry.phase == .expired {
            entries[id]?.phase = .waiting
            line(up: id, of: entry.user)
        } else {
            enter(entry.user)
        }
    }

    /// It is stored or dropped, in whatever way.
    mutating func remove(_ id: UInt64) {
        guard let entry = entries[id] else { return }
        if entry.phase == .underWay { underWay -= 1 }
        leaveLine(id, of: entry.user)
        entries[id] = nil
    }

    /// What became of one that was to be driven.
    mutating func finished(_ id: UInt64, _ outcome: Outcome, now: UInt64) {
        guard let entry = entries[id], entry.phase == .underWay else { return }
        switch outcome {
        case .stored:
            failures = 0
            remove(id)
        case .refused:
            underWay -= 1
            entries[id]?.phase = .refused
            entries[id]?.isForced = false
            leaveLine(id, of: entry.user)
        case .unavailable:
            underWay -= 1
            entries[id]?.phase = .waiting
            failures = min(failures + 1, 32)
            openAt = max(openAt, now + delay)
            enter(entry.user)
        }
    }

    // MARK: What follows

    /// What to drive now, and when to ask again if nothing happens before.
    ///
    /// - Parameters:
    ///   - now: the monotonic clock's.
    ///   - time: since 1970.
    mutating func turn(now: UInt64, time: UInt64) -> (drive: [UInt64], wakeAt: UInt64?) {
        if openAt > now { return ([], round.isEmpty ? nil : openAt) }
        var drive: [UInt64] = []
        let room = failures > 0 ? 1 : limits.underWayMax
        while underWay < room, let id = next(time) {
            entries[id]?.phase = .underWay
            underWay += 1
            drive.append(id)
        }
        return (drive, nil)
    }

    private mutating func next(_ time: UInt64) -> UInt64? {
        while !round.isEmpty {
            let user = round.removeFirst()
            isInRound.remove(user)
            guard let id = lines[user]?.first, let entry = entries[id],
                entry.phase == .waiting, entry.claims == 0
            else { continue }
            if !isExpired(id, time: time) { return id }
            entries[id]?.phase = .expired
            leaveLine(id, of: user)
        }
        return nil
    }

    /// 1, 2, 4, … times the first delay.
    private var delay: UInt64 {
        min(limits.delayMax, limits.delayFirst << UInt64(max(failures, 1) - 1))
    }

    private mutating func line(up id: UInt64, of user: UserID) {
        let place = lines[user, default: []].lastIndex { $0 < id }.map { $0 + 1 } ?? 0
        lines[user, default: []].insert(id, at: place)
        enter(user)
    }

    private mutating func leaveLine(_ id: UInt64, of user: UserID) {
        lines[user]?.removeAll { $0 == id }
        if lines[user]?.isEmpty == true { lines[user] = nil }
        enter(user)
    }

    private mutating func enter(_ user: UserID) {
        guard let first = lines[user]?.first, entries[first]?.phase == .waiting,
            isInRound.insert(user).inserted
        else { return }
        round.append(user)
    }
}
