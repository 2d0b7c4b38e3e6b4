@testable import MartletStore

/// A board and a line for each thing that happens to it: stories that can be read.
struct JobBoardScript {
    private var board: JobBoard
    private var seconds: UInt64 = 0
    private var token: UInt64 = 0
    private(set) var lines: [String] = []

    /// Daemons 1 and up come, and the jobs 1 and up, of rows from one to another, are submitted.
    init(daemons: UInt64 = 1, _ rows: (String, String)...) {
        board = JobBoard(JobBoard.Settings(lease: 10_000_000_000, patience: 2_000_000_000))
        for daemon in 0..<daemons { attach(daemon + 1) }
        let jobs = rows.enumerated().map { Self.job(UInt64($0 + 1), $1.0, $1.1) }
        board.submit(jobs, now: now)
        say("submitted")
    }

    private var now: UInt64 { seconds * 1_000_000_000 }

    static func job(_ id: UInt64, _ start: String, _ end: String) -> CompactionJob {
        CompactionJob(
            id: id, family: Family(id: 1, table: "t", schema: FamilySchema("f")),
            reason: "manual", inputs: [[table(id, "a", 0)]], below: [], outputLevel: 6,
            rows: RowRange(start: Array(start.utf8), end: Array(end.utf8)), snapshots: [], now: 7,
            fileSize: 1, outputs: (1...3).map { TableIdentity(number: id * 10 + $0, id: $0) })
    }

    static func table(_ number: UInt64, _ row: String, _ level: UInt8) -> TableMetadata {
        TableMetadata(
            tree: 1, level: level, number: number, tableID: number % 10, size: 100,
            smallestRow: Array(row.utf8), largestRow: Array(row.utf8), minSequence: 1,
            maxSequence: 2, cellCount: 1, tombstoneCount: 0, rangeTombstoneCount: 0,
            minTimestamp: 0, maxTimestamp: 0, createdAt: 7)
    }

    mutating func at(_ seconds: UInt64) { self.seconds = seconds }

    private mutating func say(_ event: String) {
        let states = board.entries.map { entry in
            let owner = entry.claim.map { "@\($0.daemon)" } ?? ""
            let own = entry.isServersOwn ? "!" : ""
            return "\(entry.job.id)=\(entry.state)\(owner)\(own)+\(entry.outputs.count)"
        }.joined(separator: " ")
        lines.append("\(seconds)s \(event): \(states.isEmpty ? "no jobs" : states)")
    }

    mutating func attach(_ daemon: UInt64) {
        board.attach(daemon, JobBoard.Daemon(name: "d\(daemon)", workers: 1, memory: 1 << 30))
        say("\(daemon) comes")
    }

    mutating func detach(_ daemon: UInt64) {
        board.detach(daemon, now: now)
        say("\(daemon) goes")
    }

    /// Claims under a fresh token, which is returned.
    @discardableResult
    mutating func claim(_ daemon: UInt64) -> UInt64 {
        token += 1
        let offer = board.claim(by: daemon, memory: 1 << 30, token: token, now: now)
        let rest = offer.map { String(decoding: $0.progress.rest, as: UTF8.self) } ?? ""
        say("\(daemon) claims \(offer.map { "\($0.job.id) from '\(rest)'" } ?? "nothing")")
        return token
    }

    private mutating func word(
        _ text: String, _ body: (inout JobBoard) throws(JobRefusal) -> Void
    ) {
        do throws(JobRefusal) {
            try body(&board)
            say(text)
        } catch {
            say("\(text), refused: \(error)")
        }
    }

    mutating func beat(_ job: UInt64, _ token: UInt64, bytes: UInt64 = 1) {
        let now = now
        word("beat of \(job)") { board throws(JobRefusal) in
            try board.heard(job, token: token, bytes: bytes, now: now)
        }
    }

    mutating func finish(
        _ job: UInt64, _ token: UInt64, _ number: UInt64, _ row: String, _ rest: String
    ) {
        let now = now
        word("table \(number) of \(job), rest '\(rest)'") { board throws(JobRefusal) in
            try board.finished(
                Self.table(number, row, 6), of: job, token: token, rest: Array(rest.utf8), now: now)
        }
    }

    mutating func written(_ job: UInt64, _ token: UInt64) {
        let now = now
        word("\(job) is written") { board throws(JobRefusal) in
            try board.written(job, token: token, now: now)
        }
    }

    mutating func release(_ job: UInt64, _ token: UInt64) {
        let now = now
        word("\(job) is given back") { board throws(JobRefusal) in
            try board.release(job, token: token, now: now)
        }
    }

    mutating func fail(_ job: UInt64, _ token: UInt64) {
        let now = now
        word("\(job) has failed") { board throws(JobRefusal) in
            try board.failed(job, token: token, now: now)
        }
    }

    /// The lane's next step.
    mutating func next() {
        token += 1
        switch board.next(now: now, token: token) {
        case .wait(let nanoseconds): say("lane waits \(nanoseconds / 1_000_000) ms")
        case .check(let entry): say("lane checks \(entry.job.id)")
        case .run(let entry): say("lane runs \(entry.job.id) itself")
        case .commit: say("lane commits")
        }
    }

    mutating func accept(_ job: UInt64) {
        board.accept(job)
        say("\(job) is sound")
    }

    mutating func refuse(_ job: UInt64, daemon: UInt64) {
        board.refuse(job, daemon: daemon, now: now)
        say("\(job) is refused")
    }

    mutating func finishOwn(_ job: UInt64) {
        board.finishOwn(job)
        say("lane has run \(job)")
    }

    mutating func end() {
        board.end(isCommitted: true)
        say("committed")
    }
}
