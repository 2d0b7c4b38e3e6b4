import MartletStore

/// The status of compactions, for people and for programs.
enum CompactionText {
    static func lines(_ status: CompactionStatus) -> String {
        var lines = ["daemons  \(status.daemons.count)"]
        for daemon in status.daemons {
            let trust = daemon.isTrusted ? "" : "  distrusted: its tables did not stand the check"
            lines.append(
                "  \(daemon.id)  \(daemon.name)  \(daemon.workers) at once  \(daemon.tables) tables  "
                    + "\(daemon.bytes) bytes\(trust)")
        }
        lines.append("jobs     \(status.jobs.count)")
        for job in status.jobs {
            let owner = job.daemon == 0 ? "" : " by \(job.daemon)"
            lines.append(
                "  \(JobFiles.name(job.id))  \(job.table)/\(job.family) to level \(job.level)  "
                    + "\(job.state.rawValue)\(owner)  \(job.tables) tables  "
                    + "\(job.bytes) bytes moved, inputs \(job.inputBytes)")
        }
        let counts = status.counts
        lines.append(
            "ended    \(counts.committed) committed, \(counts.failed) failed, "
                + "\(counts.refused) refused, \(counts.fallbacks) run by the server, "
                + "\(counts.expired) claims expired; \(counts.daemonBytes) bytes by daemons")
        return lines.joined(separator: "\n")
    }

    static func json(_ status: CompactionStatus) -> String {
        let daemons = status.daemons.map { daemon in
            """
            {"id":\(daemon.id),"name":\(text(daemon.name)),"workers":\(daemon.workers),\
            "memory":\(daemon.memory),"trusted":\(daemon.isTrusted),"tables":\(daemon.tables),\
            "bytes":\(daemon.bytes)}
            """
        }
        let jobs = status.jobs.map { job in
            """
            {"id":"\(JobFiles.name(job.id))","table":\(text(job.table)),\
            "family":\(text(job.family)),"reason":\(text(job.reason)),"level":\(job.level),\
            "state":"\(job.state.rawValue)","daemon":\(job.daemon),\
            "inputBytes":\(job.inputBytes),"tables":\(job.tables),"bytes":\(job.bytes),\
            "silentMilliseconds":\(job.silentMilliseconds)}
            """
        }
        let counts = status.counts
        return """
            {"daemons":[\(daemons.joined(separator: ","))],"jobs":[\(jobs.joined(separator: ","))],\
            "submitted":\(counts.submitted),"committed":\(counts.committed),\
            "failed":\(counts.failed),"refused":\(counts.refused),\
            "fallbacks":\(counts.fallbacks),"expired":\(counts.expired),\
            "refusals":\(counts.refusals),"daemonBytes":\(counts.daemonBytes)}
            """
    }

    private static func text(_ text: String) -> String { JSONText.quoted(text) }
}
