import MartletStore

extension CompactionStatus {
    func put(into writer: inout FrameWriter) {
        writer.put(UInt16(clamping: daemons.count))
        for daemon in daemons {
            writer.put(daemon.id)
            writer.put(daemon.name)
            writer.put(daemon.workers)
            writer.put(daemon.memory)
            writer.put(UInt8(daemon.isTrusted ? 1 : 0))
            writer.put(daemon.tables)
            writer.put(daemon.bytes)
        }
        writer.put(UInt16(clamping: jobs.count))
        for job in jobs {
            writer.put(job.id)
            for text in [job.table, job.family, job.reason, job.state.rawValue] { writer.put(text) }
            writer.put(job.level)
            writer.put(job.daemon)
            writer.put(job.inputBytes)
            writer.put(job.tables)
            writer.put(job.bytes)
            writer.put(job.silentMilliseconds)
        }
        for count in Self.countsInOrder { writer.put(counts[keyPath: count]) }
    }

    private static var countsInOrder: [WritableKeyPath<JobBoard.Counts, UInt64>] {
        [
            \.submitted, \.committed, \.failed, \.expired, \.fallbacks, \.refused, \.refusals,
            \.daemonBytes,
        ]
    }

    init(_ body: inout FrameBody) throws(FrameFault) {
        self.init()
        for _ in 0..<(try body.number(UInt16.self)) { daemons.append(try Daemon(&body)) }
        for _ in 0..<(try body.number(UInt16.self)) { jobs.append(try Job(&body)) }
        for count in Self.countsInOrder { counts[keyPath: count] = try body.number() }
    }
}

extension CompactionStatus.Daemon {
    fileprivate init(_ body: inout FrameBody) throws(FrameFault) {
        self.init(
            id: try body.number(), name: try body.text(), workers: try body.number(),
            memory: try body.number(), isTrusted: try body.number(UInt8.self) != 0,
            tables: try body.number(), bytes: try body.number())
    }
}

extension CompactionStatus.Job {
    fileprivate init(_ body: inout FrameBody) throws(FrameFault) {
        let id: UInt64 = try body.number()
        let (table, family) = (try body.text(), try body.text())
        let reason = try body.text()
        guard let state = JobBoard.State(rawValue: try body.text()) else { throw .body }
        self.init(
            id: id, table: table, family: family, reason: reason, level: try body.number(),
            state: state, daemon: try body.number(), inputBytes: try body.number(),
            tables: try body.number(), bytes: try body.number(),
            silentMilliseconds: try body.number())
    }
}
