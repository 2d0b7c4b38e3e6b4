import MartletStore
import Synchronization

/// Keeps sends that the store could not take, and drives them again when it can: the shell around
/// `FailedJournal` and `RedriveSchedule`.
///
/// What blocks (the journal, a look at the sender's account) runs on a thread of its own; in a
/// simulation, which has no threads, among the simulated executor's jobs, one at a time.
///
/// `@unchecked Sendable`: `journal` is touched in `work` only, of which one runs at a time, and
/// before the start; all other mutable state under `monitor`. The monitor is taken under the
/// ledger's, and nothing here calls the ledger or a reply under it.
final class FailedDesk: @unchecked Sendable {
    typealias Reply = LedgerDesk.Reply

    /// A kept request as memory has it.
    struct Entry {
        enum Phase {
            /// Not in the journal yet.
            case fresh
            case kept
            /// On its way out: it counts until that is durable.
            case leaving
        }

        var request: FailedRequest
        var phase = Phase.fresh
        /// Who waits for it to be durable.
        var waiters: [Waiter] = []
    }

    struct Waiter {
        var error: ChatError
        var reply: Reply
    }

    /// A record to be written, and what then.
    struct Settlement {
        var record: FailedRecord
        /// On the thread, outside of the monitor; told whether the record is durable.
        var then: (@Sendable (Bool) -> Void)?
    }

    /// An operator's wish to have some driven again.
    struct Round {
        var open: Set<UInt64>
        var counts = RedriveCounts()
        var then: @Sendable (RedriveCounts) -> Void
    }

    let monitor = Monitor()
    let environment: Environment
    private let directory: String
    private let bytes: Int
    var journal: FailedJournal?
    var entries: [UInt64: Entry] = [:]
    var index: [SendKey: UInt64] = [:]
    /// Bytes of the journal that entries take, in all and by sender.
    var taken = 0
    var takenBy: [UserID: Int] = [:]
    var capacity = 0
    var schedule: RedriveSchedule
    var fresh: [UInt64] = []
    var settlements: [Settlement] = []
    var rounds: [Round] = []
    var lastID: UInt64 = 0
    var statistics = FailedStatistics()
    /// What to do on the thread, outside of the monitor.
    var errands: [@Sendable () -> Void] = []
    /// Whether it was told already that there is no room.
    var isFullTold = false
    private var observer: (@Sendable (FailedNotice) -> Void)?
    private var isOpen = false
    private var openedAt: UInt64 = 0
    /// Runs a send again. `nil` before the start, after the stop, and where nothing is to be driven
    /// by itself or at all.
    var drive: (@Sendable (Redrive, @escaping Reply) -> Void)?
    var isAutomatic = false
    /// Whether the sender's account is disabled. Blocks.
    var isDisabled: @Sendable (UserID) throws(StoreError) -> Bool = { _ in false }
    private let isOccupied = Atomic(false)

    private enum State { case idle, running, stopping, ended }
    private var state = State.idle
    private var hasWork = false
    private var isWorking = false
    private var wakeAt: UInt64?
    private var hasThread: Bool { environment.background.hasThreads }

    /// No sender takes more of the journal than this part of it.
    static let share = 4
    private static let reopenAfter: UInt64 = 10_000_000

    /// Opens the journal in `directory`. Where that fails nothing is kept, until it succeeds.
    init(directory: String, bytes: Int, window: UInt64?, _ environment: Environment) {
        self.directory = directory
        self.bytes = bytes
        self.environment = environment
        var limits = RedriveSchedule.Limits()
        if let window { limits.window = window }
        schedule = RedriveSchedule(limits: limits)
        openJournal()
    }

    /// Monotonic microseconds.
    var now: UInt64 { environment.clock.monotonicNanoseconds() / 1_000 }

    /// False if nothing is kept, and the journal is open. Takes no lock.
    var hasEntries: Bool { isOccupied.load(ordering: .acquiring) }

    /// Under the monitor.
    func noteOccupancy() {
        isOccupied.store(!isOpen || !entries.isEmpty, ordering: .releasing)
    }

    func setObserver(_ observer: @escaping @Sendable (FailedNotice) -> Void) {
        monitor.withLock { self.observer = observer }
    }

    func tell(_ notice: FailedNotice) {
        monitor.withLock { observer }?(notice)
    }

    /// In `work`, and before the start.
    private func openJournal() {
        monitor.withLock { openedAt = now }
        do throws(StoreError) {
            let (journal, contents) = try FailedJournal.open(
                in: directory, bytes: bytes, environment)
            monitor.withLock {
                isOpen = true
                capacity = journal.capacity
                statistics.capacity = UInt64(capacity)
                statistics.failure = nil
                statistics.damage += contents.damaged.map { "\($0)" }
                lastID = max(lastID, contents.lastID)
                for request in contents.requests { adopt(request) }
                noteOccupancy()
            }
            self.journal = journal
        } catch {
            monitor.withLock {
                statistics.failure = "\(error)"
                noteOccupancy()
            }
        }
    }

    /// One that the journal has.
    private func adopt(_ request: FailedRequest) {
        entries[request.id] = Entry(request: request, phase: .kept)
        index[request.key] = request.id
        occupy(request)
        schedule.add(
            request.id, of: request.send.user, failedAt: request.failedAt,
            isRefused: request.isRefused)
    }

    func occupy(_ request: FailedRequest) {
        taken += request.room
        takenBy[request.send.user, default: 0] += request.room
    }

    // MARK: Running

    /// - Parameters:
    ///   - isAutomatic: Whether requests are driven without an operator.
    ///   - drive: Runs a send again. Called outside of the monitor.
    func start(
        isAutomatic: Bool, isDisabled: @escaping @Sendable (UserID) throws(StoreError) -> Bool,
        drive: @escaping @Sendable (Redrive, @escaping Reply) -> Void
    ) {
        monitor.withLock {
            self.isAutomatic = isAutomatic
            self.isDisabled = isDisabled
            self.drive = drive
            state = .running
            wake()
        }
        if hasThread { environment.background.spawn("chat-failed") { [self] in run() } }
    }

    /// Drives nothing any more. What is to be kept is kept still.
    func stopDriving() {
        monitor.withLock {
            drive = nil
            closeAllRounds()
            wake()
        }
    }

    /// Writes what is to be written, gives its answers, and ends. Blocks.
    func stop() {
        if hasThread {
            monitor.withLock {
                guard state == .running else { return }
                state = .stopping
                monitor.broadcast()
                while state != .ended { monitor.wait() }
            }
        } else {
            work()
        }
        journal?.close()
        journal = nil
    }

    /// The store has taken a commit: what waits for that may go. Any thread; mostly no lock.
    func storeWrote() {
        guard hasEntries else { return }
        monitor.withLock { if schedule.storeWrites(now: now) || mayReopen { wake() } }
    }

    /// Under the monitor: there is something to do.
    func wake() {
        guard state == .running || state == .stopping else { return }
        if hasThread {
            hasWork = true
            monitor.broadcast()
        } else if !hasWork {
            hasWork = true
            environment.background.submit(.flush) { [self] in work() }
        }
    }

    private func run() {
        monitor.lock()
        while true {
            if hasWork {
                monitor.unlock()
                work()
                monitor.lock()
            } else if state == .stopping {
                break
            } else if let wakeAt {
                let now = now
                if wakeAt <= now {
                    self.wakeAt = nil
                    hasWork = true
                } else {
                    monitor.wait(microseconds: wakeAt - now)
                }
            } else {
                monitor.wait()
            }
        }
        state = .ended
        monitor.broadcast()
        monitor.unlock()
    }

    /// All that there is to do now.
    private func work() {
        let isFirst = monitor.withLock { () -> Bool in
            if isWorking { return false }
            isWorking = true
            return true
        }
        // A simulation may come here again while it waits for something.
        guard isFirst else { return }
        while monitor.withLock({ takeWork() }) {
            if monitor.withLock({ mayReopen }) { openJournal() }
            write()
            let errands = monitor.withLock { () -> [@Sendable () -> Void] in
                defer { self.errands = [] }
                return self.errands
            }
            for errand in errands { errand() }
            for id in monitor.withLock({ turn() }) { redrive(id) }
        }
    }

    /// Whether it is time to try once more to open the journal.
    private var mayReopen: Bool { !isOpen && now >= openedAt + Self.reopenAfter }

    private func takeWork() -> Bool {
        if !hasWork { isWorking = false }
        defer { hasWork = false }
        return hasWork
    }

    private func turn() -> [UInt64] {
        guard drive != nil, isAutomatic || !rounds.isEmpty else { return [] }
        let (drive, wakeAt) = schedule.turn(now: now, time: environment.clock.now())
        self.wakeAt = wakeAt
        return drive
    }
}
