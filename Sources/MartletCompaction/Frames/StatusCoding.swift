import MartletStore

extension FieldEncoder {
    mutating func put(_ status: CompactionStatus) {
        put(UInt16(clamping: status.daemons.count))
        for daemon in status.daemons {
            put(daemon.id)
            put(daemon.name)
            put(daemon.workers)
            put(daemon.memory)
            put(daemon.isTrusted)
            put(daemon.tables)
            put(daemon.bytes)
        }
        put(UInt16(clamping: status.jobs.count))
        for job in status.jobs {
            put(job.id)
            for text in [job.table, job.family, job.reason, job.state.rawValue] { put(text) }
            put(job.level)
            put(job.daemon)
            put(job.inputBytes)
            put(job.tables)
            put(job.bytes)
            put(job.silentMilliseconds)
        }
        for count in CompactionStatus.countsInOrder { put(status.counts[keyPath: count]) }
    }
}

extension FieldDecoder {
    mutating func status() throws(FrameError) -> CompactionStatus {
        var status = CompactionStatus()
        for _ in 0..<(try number(UInt16.self)) { status.daemons.append(try daemon()) }
        for _ in 0..<(try number(UInt16.self)) { status.jobs.append(try job()) }
        for count in CompactionStatus.countsInOrder {
            status.counts[keyPath: count] = try number()
        }
        return status
    }

    private mutating func daemon() throws(FrameError) -> CompactionStatus.Daemon {
        CompactionStatus.Daemon(
            id: try number(), name: try text(), workers: try number(), memory: try number(),
            isTrusted: try flag(), tables: try number(), bytes: try number())
    }

    private mutating func job() throws(FrameError) -> CompactionStatus.Job {
        let id: UInt64 = try number()
        let (table, family) = (try text(), try text())
        let (reason, name) = (try text(), try text())
        guard let state = JobBoard.State(rawValue: name) else {
            throw FrameError(.malformed, "a job in no state that is known")
        }
        return CompactionStatus.Job(
            id: id, table: table, family: family, reason: reason, level: try number(),
            state: state, daemon: try number(), inputBytes: try number(), tables: try number(),
            bytes: try number(), silentMilliseconds: try number())
    }
}

extension CompactionStatus {
    fileprivate static var countsInOrder: [WritableKeyPath<JobBoard.Counts, UInt64>] {
        [
            \.submitted, \.committed, \.failed, \.expired, \.fallbacks, \.refused, \.refusals,
            \.daemonBytes,
        ]
    }
}
