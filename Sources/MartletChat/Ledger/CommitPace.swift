/// When the next group of a ledger begins: a state machine without I/O. Nanoseconds of a clock that
/// never steps back.
///
/// What a commit costs besides its rows (a sync of the log, two threads woken) hardly depends on
/// how many share it. So a group begins at once after a pause, else `interval` behind the last one;
/// and `busyInterval` behind it while so many come that their share of a commit would be most of
/// what is saved by not waiting for each.
struct CommitPace {
    /// Of the beginnings of two groups, at least.
    let interval: UInt64
    let busyInterval: UInt64
    private var begun: UInt64 = 0
    private var since: UInt64 = 0
    private var isBusy = false

    /// Entries within one `interval`, from which on it is busy.
    static let busyEntries: UInt64 = 7

    /// - Parameters:
    ///   - interval: microseconds; 0 for no pace at all.
    ///   - busyInterval: microseconds; not less than `interval`.
    init(interval: UInt64, busyInterval: UInt64) {
        self.interval = interval * 1_000
        // Whoever wants no pace wants none at all: a simulated clock stands still meanwhile.
        self.busyInterval = interval == 0 ? 0 : max(interval, busyInterval) * 1_000
    }

    /// How long what is pending waits, at `now`.
    func wait(at now: UInt64) -> UInt64 {
        let due = begun + (isBusy ? busyInterval : interval)
        return due > now ? due - now : 0
    }

    /// A group begins.
    mutating func begin(at now: UInt64) {
        since = now - begun
        begun = now
    }

    /// The group that began last had so many entries: what came since the one before.
    mutating func stored(_ entries: Int) {
        isBusy = UInt64(entries) * interval >= Self.busyEntries * since
    }
}
