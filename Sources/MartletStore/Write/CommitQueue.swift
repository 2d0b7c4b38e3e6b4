/// Who leads, who waits: the group commit as a state machine without threads or I/O.
///
/// At most one leader at a time logs a group. The thread whose request finds no leader becomes it;
/// requests that nobody waits for are led by the commit thread. When a leader has logged its group,
/// leadership passes on, so that the next group is logged while this one is applied.
struct CommitQueue {
    /// What the caller of `enqueue` does next.
    enum Entry: Equatable {
        /// Lead a group now, on the calling thread.
        case lead
        /// Another thread leads, and will promote or finish the request.
        case follow
        /// Wake the commit thread: it leads.
        case wakeCommitThread
        /// Too much waits already.
        case refuse
    }

    /// Who leads after a group has been logged.
    enum Successor {
        case nobody
        case waiter(CommitRequest)
        case commitThread
    }

    private var waiting: [CommitRequest] = []
    private var waitingBytes = 0
    private var hasLeader = false
    /// Groups taken so far: the order in which they are applied.
    private var tickets: UInt64 = 0

    /// A group ends when it has this many bytes.
    static let groupBytesMax = 1 << 20
    /// Requests are refused when this many bytes wait.
    static let waitingBytesMax = 256 << 20

    var isIdle: Bool { !hasLeader && waiting.isEmpty }

    mutating func enqueue(_ request: CommitRequest) -> Entry {
        guard waitingBytes == 0 || waitingBytes + request.batch.count <= Self.waitingBytesMax else {
            return .refuse
        }
        waiting.append(request)
        waitingBytes += request.batch.count
        if hasLeader { return .follow }
        hasLeader = true
        return request.isWaitedFor ? .lead : .wakeCommitThread
    }

    /// The next group, in the order of arrival, with its ticket. Never empty for a leader.
    mutating func takeGroup() -> (requests: [CommitRequest], ticket: UInt64) {
        precondition(hasLeader && !waiting.isEmpty, "only a leader with work takes a group")
        var bytes = 0
        var end = 0
        while end < waiting.count, end == 0 || bytes < Self.groupBytesMax {
            bytes += waiting[end].batch.count
            end += 1
        }
        let group: [CommitRequest]
        if end == waiting.count {
            group = waiting
            waiting = []
        } else {
            group = Array(waiting[..<end])
            waiting.removeFirst(end)
        }
        waitingBytes -= bytes
        defer { tickets += 1 }
        return (group, tickets)
    }

    /// The leader has logged its group and gives up leadership.
    mutating func passLeadership() -> Successor {
        guard let next = waiting.first else {
            hasLeader = false
            return .nobody
        }
        return next.isWaitedFor ? .waiter(next) : .commitThread
    }
}
