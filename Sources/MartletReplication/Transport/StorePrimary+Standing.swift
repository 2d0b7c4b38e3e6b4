import MartletStore

/// How a primary's followers stand, as the primary knows it.
package struct ReplicationStanding: Sendable, Equatable {
    /// How many followers its writes wait for.
    package var replicas: Int
    /// Followers that are attached.
    package var attached: Int
    /// The last sequence in the log.
    package var lastSequence: UInt64
    /// The last one that `replicas` followers have in this term; 0 where none are asked for.
    package var acknowledged: UInt64
    /// Seeds made since the start.
    package var seeds: Int
    /// Those who were here in the last week, in the order of their names, and one for each name.
    /// Of one that has not been here since the start, all but the name is 0.
    package var followers: [FollowerStatus]
}

extension StorePrimary {
    package func standing() -> ReplicationStanding {
        let now = environment.clock.monotonicNanoseconds()
        let last = store.lastLogged
        let acknowledged = replicas > 0 ? store.replication.sequence(durableAt: replicas) : 0
        let (followers, seeds) = monitor.withLock { (statuses(last, now), self.seeds) }
        return ReplicationStanding(
            replicas: replicas, attached: store.replication.attached, lastSequence: last,
            acknowledged: min(acknowledged, last), seeds: seeds, followers: followers.byName)
    }

    /// Holds: `monitor`.
    private func statuses(_ last: UInt64, _ now: UInt64) -> [FollowerStatus] {
        let known = heard.map { follower, entry in
            let behind = lag.lag(of: entry.position.sequence, at: now)
            let durable = entry.position.sequence
            return FollowerStatus(
                follower: follower, name: entry.position.name,
                state: entry.position.isAttached ? "attached" : "detached", durable: durable,
                visible: 0, lagRecords: last > durable ? last - durable : 0,
                lagBytes: behind.bytes, lagSeconds: behind.seconds, seeds: 0, heardAt: entry.at)
        }
        let others = registry.namesByNumber.filter { heard[$0.key] == nil }
        return known
            + others.map { follower, name in
                FollowerStatus(
                    follower: follower, name: name, state: "detached", durable: 0, visible: 0,
                    lagRecords: 0, lagBytes: 0, lagSeconds: 0, seeds: 0, heardAt: 0)
            }
    }
}
