/// What the schedule knows of one service.
struct ServiceQueue: Sendable {
    /// Ids of the jobs that are due, in their order from `head` on; some may have left since.
    private var ids: [[UInt8]] = []
    private var head = 0
    /// How many of them are still due.
    var readyCount = 0
    var inFlight = 0
    /// Failures since the last success.
    var failures: UInt32 = 0
    /// Nothing is sent before.
    var openAt: UInt64 = 0
    /// Whether it stands in the round.
    var isQueued = false

    var isIdle: Bool { readyCount == 0 && inFlight == 0 }

    mutating func append(_ id: [UInt8]) {
        ids.append(id)
        readyCount += 1
    }

    mutating func next() -> [UInt8]? {
        guard head < ids.count else { return nil }
        defer {
            head += 1
            if head == ids.count || head > 1_024 {
                ids.removeFirst(head)
                head = 0
            }
        }
        return ids[head]
    }

    /// Takes all out.
    mutating func drain() -> [[UInt8]] {
        defer {
            ids = []
            head = 0
            readyCount = 0
        }
        return Array(ids[head...])
    }

    /// Drops the ids of jobs that have left, where they are many.
    mutating func compact(_ isReady: ([UInt8]) -> Bool) {
        guard ids.count - head > 2 * readyCount + 64 else { return }
        var seen: Set<[UInt8]> = []
        ids = ids[head...].filter { isReady($0) && seen.insert($0).inserted }
        head = 0
    }
}
