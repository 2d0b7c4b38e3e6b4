import Logging
package import MartletChat

extension MetricText {
    /// Failed requests.
    package mutating func add(_ failed: FailedStatistics) {
        begin(
            "martlet_failed_requests",
            "Requests that could not be stored and are kept, by what they wait for.", .gauge)
        sample("martlet_failed_requests", ("state", "waiting"), failed.waiting)
        sample("martlet_failed_requests", ("state", "held"), failed.held)
        begin(
            "martlet_failed_requests_total",
            "Requests that could not be stored, by what became of them.", .counter)
        for (outcome, count) in [
            ("kept", failed.kept), ("unkept", failed.unkept), ("redriven", failed.redriven),
            ("refused", failed.refused), ("dropped", failed.dropped),
        ] {
            sample("martlet_failed_requests_total", ("outcome", outcome), count)
        }
        number(
            "martlet_failed_journal_bytes", "Bytes of the journal that are taken.", .gauge,
            failed.bytes)
        number(
            "martlet_failed_journal_capacity_bytes", "Bytes that it has; 0 while it takes nothing.",
            .gauge, failed.failure == nil ? failed.capacity : 0)
    }
}

extension ChatService {
    /// Has a line logged when requests begin to fail, when there is no room for them, and when all
    /// is well again.
    func logFailures(to logger: Logger) {
        for damage in failedStatistics.damage {
            logger.error("journal of failed requests: \(damage)")
        }
        if let failure = failedStatistics.failure {
            logger.error("no journal of failed requests: \(failure)")
        }
        setFailedObserver { notice in
            switch notice {
            case .begun(let reason):
                logger.error("requests fail and are kept", metadata: ["reason": "\(reason)"])
            case .full: logger.error("a failed request could not be kept")
            case .refused(let id, let reason):
                logger.warning(
                    "a failed request waits for an operator",
                    metadata: ["id": "\(id)", "reason": "\(reason)"])
            case .done: logger.notice("all failed requests are stored")
            }
        }
    }
}
