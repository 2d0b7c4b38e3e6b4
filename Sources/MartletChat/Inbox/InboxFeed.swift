import MartletStore

/// The live events of a follower. What its primary has stored comes as records of the log; when
/// they are visible, the rows of inboxes among them are read on a reader thread and told, in the
/// order of each user's seqs, each once.
///
/// A message is told as it is when it is read, as a page of the inbox shows it: an edit that the
/// same records brought comes behind it as an event of its own. Holds N11.
///
/// `@unchecked Sendable`: `observer`, `isWanted`, `missed`, `waiting`, `turns` and `isWorking` are
/// touched under `monitor` only; all else never changes. No observer is called under it.
final class InboxFeed: @unchecked Sendable {
    /// Who is told.
    struct Observer: Sendable {
        var events: @Sendable ([Delivery]) -> Void
        var answered: @Sendable () -> Void
    }

    private let schema: ChatSchema
    private let devices: Family
    private let inbox: InboxReader
    private let sessions: Sessions
    private let pool: WorkPool
    private let monitor = Monitor()
    private var observer: Observer?
    private var isWanted: @Sendable (UserID) -> Bool = { _ in false }
    private var missed: @Sendable (UserID) -> Void = { _ in }
    /// What is to be told to whom; of no more users than `isWanted` says of.
    private var waiting: [UserID: ClosedRange<UInt64>] = [:]
    /// The users of `waiting` in their turn.
    private var turns: [UserID] = []
    private var isWorking = false

    /// Events that are read at once.
    private static let pageMost = 100

    init(
        schema: ChatSchema, devices: Family, inbox: InboxReader, sessions: Sessions, pool: WorkPool
    ) {
        self.schema = schema
        self.devices = devices
        self.inbox = inbox
        self.sessions = sessions
        self.pool = pool
    }

    func setObserver(_ observer: Observer) {
        monitor.withLock { self.observer = observer }
    }

    func setAudience(
        _ isWanted: @escaping @Sendable (UserID) -> Bool,
        missed: @escaping @Sendable (UserID) -> Void
    ) {
        monitor.withLock {
            self.isWanted = isWanted
            self.missed = missed
        }
    }

    /// These records are visible. On the thread that applied them: it decodes, and hands over.
    func take(_ records: [ShippedRecord]) throws(StoreError) {
        let isWanted = monitor.withLock { self.isWanted }
        let families = [schema.inbox, devices, schema.users]
        var found: [(UserID, UInt64)] = []
        for record in records {
            for change in try record.changes(in: families) {
                if change.family != schema.inbox.id {
                    endSessions(by: change)
                } else if change.value != nil, let user = ChatKeys.owner(change.row),
                    let seq = ChatKeys.number(change.row, at: 10), isWanted(user)
                {
                    found.append((user, seq))
                }
            }
        }
        if found.isEmpty { return }
        let begins = monitor.withLock {
            for (user, seq) in found { add(user, seq...seq) }
            defer { isWorking = true }
            return !isWorking
        }
        if begins { goOn() }
    }

    /// Under the monitor.
    private func add(_ user: UserID, _ seqs: ClosedRange<UInt64>) {
        guard let old = waiting[user] else {
            turns.append(user)
            waiting[user] = seqs
            return
        }
        let first = min(old.lowerBound, seqs.lowerBound)
        waiting[user] = first...max(old.upperBound, seqs.upperBound)
    }

    /// What the primary has ended is ended here, too.
    private func endSessions(by change: ShippedChange) {
        guard let user = ChatKeys.owner(change.row) else { return }
        if change.family == devices.id {
            guard change.value == nil, let device = ChatKeys.number(change.row, at: 10) else {
                return
            }
            sessions.endedElsewhere(user, DeviceID(rawValue: device), .revoked)
        } else if let account = change.value.flatMap({ UserValue($0) }) {
            if account.isDeleted {
                sessions.endedElsewhere(user, nil, .deleted)
            } else if account.isDisabled {
                sessions.endedElsewhere(user, nil, .disabled)
            }
        }
    }

    // MARK: On the reader pool

    private func goOn() {
        // A pool that has stopped takes nothing: the server has stopped as well.
        _ = pool.submit(force: true) { [self] in work() }
    }

    /// One page of one user; then the next one has a turn.
    private func work() {
        let (next, isWanted, observer) = monitor.withLock {
            () -> ((UserID, ClosedRange<UInt64>)?, @Sendable (UserID) -> Bool, Observer?) in
            guard let user = turns.first, let seqs = waiting.removeValue(forKey: user) else {
                isWorking = false
                return (nil, self.isWanted, nil)
            }
            turns.removeFirst()
            return ((user, seqs), self.isWanted, self.observer)
        }
        guard let (user, seqs) = next else { return }
        if let observer, isWanted(user) { tell(user, seqs, observer) }
        goOn()
    }

    private func tell(_ user: UserID, _ seqs: ClosedRange<UInt64>, _ observer: Observer) {
        let count = min(UInt64(Self.pageMost), seqs.upperBound - seqs.lowerBound + 1)
        let page: InboxPage
        do throws(StoreError) {
            page = try inbox.events(user, after: seqs.lowerBound - 1, limit: Int(count))
        } catch {
            return monitor.withLock { missed }(user)
        }
        // Without them the inbox is being taken away, with the account.
        guard page.events.first?.seq == seqs.lowerBound, let last = page.events.last?.seq else {
            return monitor.withLock { missed }(user)
        }
        observer.events(page.events.map { Delivery(user: user, event: $0) })
        observer.answered()
        if last < seqs.upperBound { monitor.withLock { add(user, (last + 1)...seqs.upperBound) } }
    }
}
