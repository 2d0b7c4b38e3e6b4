/// A follower as the operator sees it.
package struct FollowerStatus: Sendable, Equatable {
    package var follower: UInt64
    package var name: String
    /// `streaming`, `catching-up`, `stuck`, `seeding`, `truncating`, `greeting`, `detached`.
    package var state: String
    /// All up to here is on its disk.
    package var durable: UInt64
    package var visible: UInt64
    /// What the primary has and it has not: sequences, bytes of log, and for how long.
    package var lagRecords: UInt64
    package var lagBytes: UInt64
    package var lagSeconds: Double
    /// Seeds that it was given since the shipper began.
    package var seeds: Int
    /// Nanoseconds of the shipper's clock at which it was last heard.
    package var heardAt: UInt64

    package init(
        follower: UInt64, name: String, state: String, durable: UInt64, visible: UInt64,
        lagRecords: UInt64, lagBytes: UInt64, lagSeconds: Double, seeds: Int, heardAt: UInt64
    ) {
        self.follower = follower
        self.name = name
        self.state = state
        self.durable = durable
        self.visible = visible
        self.lagRecords = lagRecords
        self.lagBytes = lagBytes
        self.lagSeconds = lagSeconds
        self.seeds = seeds
        self.heardAt = heardAt
    }
}

extension [FollowerStatus] {
    /// One for each name: that of the follower who is here, or was here last. A series of a metric
    /// is known by the name alone.
    package var byName: [FollowerStatus] {
        var last: [String: FollowerStatus] = [:]
        for status in self {
            guard let other = last[status.name] else {
                last[status.name] = status
                continue
            }
            let (isHere, otherIsHere) = (status.state != "detached", other.state != "detached")
            if isHere == otherIsHere ? status.heardAt > other.heardAt : isHere {
                last[status.name] = status
            }
        }
        return last.values.sorted { $0.name < $1.name }
    }
}
