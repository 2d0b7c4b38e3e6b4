import MartletStore

extension FollowerMachine {
    /// A seed is there. It must hold all that the follower's log shares with the leader's: part of
    /// that may have been acknowledged because it is here. Holds N4.
    mutating func offered(_ offer: SeedOffer, _ connection: Int, _ now: UInt64) -> [Action] {
        guard let following, following.phase == .seeding(nil) else {
            return refuse(connection, .contradiction, "a seed out of turn", now)
        }
        let history = following.welcome.history
        let holdsShared = (following.shared ?? 0) <= offer.sequence
        let isOfLeader =
            offer.history.sharedEnd(endingAt: offer.sequence, with: history) == offer.sequence
        guard isOfLeader, holdsShared else {
            return refuse(
                connection, .contradiction,
                "a seed up to \(offer.sequence) is no beginning of what is shared", now)
        }
        return enqueue(.openSeed(offer), connection, now)
    }

    mutating func seedArrived(_ data: SeedData, _ connection: Int, _ now: UInt64) -> [Action] {
        guard case .seeding(var sink?) = following?.phase, sink.take(data) else {
            return refuse(connection, .contradiction, "a piece that was not asked for", now)
        }
        following?.phase = .seeding(sink)
        return enqueue(.writeSeed(data), connection, bytes: data.bytes.count, now)
    }

    mutating func seedOpened(
        _ there: [UInt64], _ offer: SeedOffer, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        state.seed = offer.seed
        guard following?.connection == connection, following?.phase == .seeding(nil) else {
            return []
        }
        return continueSeed(
            SeedSink(offer, there: there, pieceBytes: settings.seedPieceBytes), connection, now)
    }

    mutating func seedWritten(_ connection: Int, _ now: UInt64) -> [Action] {
        guard following?.connection == connection, case .seeding(var sink?) = following?.phase
        else { return [] }
        sink.wrote()
        return continueSeed(sink, connection, now)
    }

    private mutating func continueSeed(
        _ seed: SeedSink, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        var sink = seed
        let requests = sink.requests()
        following?.phase = .seeding(sink)
        if sink.isComplete {
            following?.phase = .installing
            return enqueue(.installSeed(sink.offer), connection, now)
        }
        if !requests.isEmpty { saidAt = now }
        return requests.map { .send(connection, .seedRead($0)) }
    }

    /// The seed took the place of what was there.
    mutating func seedInstalled(
        _ offer: SeedOffer, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        needsSeed = false
        state.seed = 0
        seeds += 1
        let notice = Action.notice("a seed up to \(offer.sequence) is installed")
        guard following?.connection == connection else { return [notice] }
        return [notice, .send(connection, .seedDone(offer.seed))] + greetAgain(now)
    }

    /// It was thrown away; a new one is asked for.
    mutating func seedDamaged(
        _ offer: SeedOffer, _ message: String, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        state.seed = 0
        let notice = Action.notice("the seed is damaged: \(message)")
        guard following?.connection == connection else { return [notice] }
        return [notice, .send(connection, .seedDone(offer.seed))]
            + refuse(connection, .contradiction, "the seed is damaged: \(message)", now)
    }
}
