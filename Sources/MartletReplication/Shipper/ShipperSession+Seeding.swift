import MartletStore

extension ShipperSession {
    /// The seed that the follower reads; `nil` for none.
    var seedOffered: UInt64? {
        if case .seeding(let source?) = phase { source.offer.seed } else { nil }
    }

    /// The log does not reach back to where the follower is, or no cut helps it.
    mutating func seed(_ hello: FollowerHello, _ now: UInt64) -> [Action] {
        phase = .seeding(nil)
        return send(.seedPending, now) + [
            .wantSeed(resuming: hello.seed),
            .notice("follower \(hello.name) is seeded anew, from \(hello.lastSequence)"),
        ]
    }

    /// The seed is there.
    package mutating func seed(_ offer: SeedOffer, now: UInt64) -> [Action] {
        guard phase == .seeding(nil), let hello else { return [.leaveSeed(offer.seed)] }
        phase = .seeding(SeedSource(offer))
        // So that the log is kept from there on until the follower has it.
        return [.report(report(hello, isAttached: false, keep: offer.sequence))]
            + send(.seedOffer(offer), now)
    }

    /// There is no seed to be had now.
    package mutating func seedFailed(_ message: String) -> [Action] {
        guard case .seeding = phase else { return [] }
        return refuse(.busy, "no seed: \(message)")
    }

    mutating func wanted(_ range: SeedRange, _ now: UInt64) -> [Action] {
        // A piece of a seed that a hello has left meanwhile.
        guard case .seeding(let source?) = phase, source.offer.seed == range.seed else {
            return []
        }
        guard source.holds(range) else {
            return refuse(.contradiction, "the seed has no such piece")
        }
        guard seedQueue.count < SeedSource.queueMax else {
            return refuse(.contradiction, "more than \(SeedSource.queueMax) pieces at once")
        }
        seedQueue.append(range)
        return pump(now)
    }

    /// A piece was read; `nil` if the seed cannot be read any more.
    package mutating func seedRead(_ data: SeedData?, now: UInt64) -> [Action] {
        readIsOpen = false
        guard case .seeding(let source?) = phase else { return pump(now) }
        guard let data else { return refuse(.restarting, "the seed is gone") }
        guard data.seed == source.offer.seed else { return pump(now) }
        bucket.spend(data.bytes.count)
        progressAt = now
        return send(.seedData(data), now) + pump(now)
    }

    mutating func left(_ seed: UInt64) -> [Action] {
        guard case .seeding(let source?) = phase, source.offer.seed == seed else { return [] }
        seedQueue = []
        phase = .seeding(nil)
        return [.leaveSeed(seed)]
    }

    mutating func pumpSeed(_ now: UInt64) -> [Action] {
        guard !readIsOpen, !seedQueue.isEmpty, bucket.isOpen(at: now) else { return [] }
        readIsOpen = true
        return [.readSeed(seedQueue.removeFirst())]
    }
}
