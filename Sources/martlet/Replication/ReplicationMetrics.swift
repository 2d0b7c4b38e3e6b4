import MartletReplication
import MartletServer
import MartletStore

extension MetricText {
    /// What a server knows of its followers, and of the writes that wait for them.
    ///
    /// - Parameter standing: `nil` for a server that serves no shipper.
    mutating func add(_ store: Store, _ standing: ReplicationStanding?) {
        begin("martlet_replication_role", "1 for what the store is to the others.", .gauge)
        for role in [StoreRole.primary, .follower, .deposed] {
            sample("martlet_replication_role", ("role", "\(role)"), store.role == role ? 1 : 0)
        }
        let term = store.terms.current
        number(
            "martlet_replication_term_epoch", "The epoch of the term that is written.", .gauge,
            term?.epoch ?? 0)
        number(
            "martlet_replication_term_sequence", "The first sequence of that term.", .gauge,
            term?.firstSequence ?? 0)
        number(
            "martlet_replication_primary_sequence", "The last sequence in the primary's log.",
            .gauge, standing?.lastSequence ?? store.lastLogged)
        number(
            "martlet_replication_acknowledged_sequence",
            "The last sequence that as many followers as are waited for have.", .gauge,
            standing?.acknowledged ?? 0)
        number(
            "martlet_replication_followers_required", "Followers that writes wait for.", .gauge,
            standing?.replicas ?? 0)
        number(
            "martlet_replication_followers_attached", "Followers that are attached.", .gauge,
            standing?.attached ?? 0)
        let statistics = store.statistics()
        number(
            "martlet_replication_waiting_commits",
            "Commits that are logged and wait for followers.", .gauge, statistics.waitingCommits)
        number(
            "martlet_replication_waiting_bytes", "Bytes of those commits.", .gauge,
            statistics.waitingBytes)
        number(
            "martlet_replication_timeouts_total",
            "Requests that were told that followers take too long.", .counter,
            statistics.replicationTimeouts)
        number(
            "martlet_replication_seeds_total", "Copies of the store made for followers.",
            .counter, standing?.seeds ?? 0)
        number(
            "martlet_replication_retained_log_bytes",
            "Bytes of log that are kept for followers only.", .gauge, statistics.logRetainedBytes)
        add(standing?.followers ?? [])
    }

    /// How far each follower is. The shipper's metrics have the same names.
    mutating func add(_ followers: [FollowerStatus]) {
        let gauges: [(String, String, (FollowerStatus) -> String)] = [
            (
                "attached", "1 while the follower is attached.",
                { $0.state == "detached" ? "0" : "1" }
            ),
            ("durable_sequence", "The last sequence on the follower's disk.", { "\($0.durable)" }),
            ("lag_records", "Sequences that the follower lacks.", { "\($0.lagRecords)" }),
            ("lag_bytes", "Bytes of log that the follower lacks.", { "\($0.lagBytes)" }),
            ("lag_seconds", "For how long it lacks the oldest of them.", { "\($0.lagSeconds)" }),
        ]
        for gauge in gauges { add(followers.byName, gauge) }
    }

    /// - Parameter gauge: the end of its name, its help, and its value.
    mutating func add(
        _ followers: [FollowerStatus],
        _ gauge: (name: String, help: String, value: (FollowerStatus) -> String)
    ) {
        let name = "martlet_replication_follower_" + gauge.name
        begin(name, gauge.help, .gauge)
        for follower in followers {
            sample(name, ("follower", follower.name), text: gauge.value(follower))
        }
    }
}
