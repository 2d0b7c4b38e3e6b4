extension Shipper {
    /// A seed that is ready and holds what the log no longer does; else a new one is made.
    mutating func wantSeed(_ resumed: UInt64, _ connection: Int, _ now: UInt64) -> [Action] {
        if let hello = note(connection) {
            // A first seed is wanted by one who is not known yet.
            let new = Known(
                name: hello.name, durable: hello.lastSequence, visible: 0, heardAt: now)
            known[hello.follower, default: new].seeds += 1
        }
        if let offer = seeds[resumed]?.offer,
            offer.history.sharedEnd(endingAt: offer.sequence, with: primary.history)
                == offer.sequence
        {
            seeds[resumed]?.users.insert(connection)
            return perform(connection, now) { $0.seed(offer, now: now) }
        }
        // One that is being made serves all who wait.
        if let open = seeds.first(where: { $0.value.offer == nil })?.key {
            seeds[open]?.users.insert(connection)
            return []
        }
        guard isLinked else {
            return perform(connection, now) { $0.seedFailed("no server makes one") }
        }
        let seed = nextSeed
        nextSeed &+= 1
        seeds[seed] = Seed(users: [connection], idleSince: now)
        return [.link(.seedWanted(seed))]
    }

    /// The checkpoint was read, and can be offered.
    package mutating func seedOpened(_ offer: SeedOffer, now: UInt64) -> [Action] {
        guard let users = seeds[offer.seed]?.users.sorted() else {
            return [.closeSeed(offer.seed), .link(.seedDone(offer.seed))]
        }
        seeds[offer.seed]?.offer = offer
        seeds[offer.seed]?.idleSince = now
        return users.flatMap { user in perform(user, now) { $0.seed(offer, now: now) } }
    }

    package mutating func seedFailed(
        _ seed: UInt64, _ message: String, now: UInt64
    ) -> [Action] {
        guard let gone = seeds.removeValue(forKey: seed) else { return [] }
        return gone.users.sorted().flatMap { user in
            perform(user, now) { $0.seedFailed(message) }
        }
    }

    mutating func leaveSeed(_ seed: UInt64, _ connection: Int, _ now: UInt64) -> [Action] {
        seeds[seed]?.users.remove(connection)
        seeds[seed]?.idleSince = now
        return []
    }

    /// Seeds that nobody reads are kept a while, for one that was cut off.
    mutating func dropIdleSeeds(_ now: UInt64) -> [Action] {
        var actions: [Action] = []
        for (id, seed) in seeds.sorted(by: { $0.key < $1.key }) {
            // Users whose session ended without a word.
            let users = seed.users.filter { sessions[$0]?.isClosed == false }
            seeds[id]?.users = users
            guard users.isEmpty, seed.offer != nil, now >= seed.idleSince + settings.times.seedIdle
            else { continue }
            seeds[id] = nil
            actions += [.closeSeed(id), .link(.seedDone(id))]
        }
        return actions
    }

    /// What an operator wants to know of each follower, in the order of their names.
    package func status(now: UInt64) -> [FollowerStatus] {
        known.sorted { ($0.value.name, $0.key) < ($1.value.name, $1.key) }.map { id, entry in
            let session = entry.connection.flatMap { sessions[$0] }
            let isHere = session.map { !$0.isClosed && $0.hello?.follower == id } ?? false
            let behind = lag.lag(of: entry.durable, at: now)
            let last = primary.lastSequence
            return FollowerStatus(
                follower: id, name: entry.name,
                state: isHere ? session?.stateName ?? "" : "detached", durable: entry.durable,
                visible: entry.visible,
                lagRecords: last > entry.durable ? last - entry.durable : 0,
                lagBytes: behind.bytes, lagSeconds: behind.seconds, seeds: entry.seeds,
                heardAt: entry.heardAt)
        }
    }
}
