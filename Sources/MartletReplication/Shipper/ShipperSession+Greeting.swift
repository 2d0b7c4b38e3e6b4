import MartletStore

extension ShipperSession {
    /// A hello begins the session, or begins it anew.
    mutating func greet(_ hello: FollowerHello, _ now: UInt64) -> [Action] {
        guard hello.version == FollowerHello.version else {
            return refuse(.version, "version \(FollowerHello.version) is spoken here")
        }
        if let certificateName, certificateName != hello.name {
            return refuse(.notAllowed, "'\(hello.name)' is not the certificate's name")
        }
        if let store = hello.storeID, store != primary.storeID {
            return refuse(.wrongStore, "the store here is \(primary.storeID)")
        }
        let last = self.hello
        self.hello = hello
        if primary.isDeposed { return refuse(.staleTerm, "this store was deposed") }
        if let refusal = TermRule.refusal(primary.history, against: hello.promise) {
            let isAbove = hello.promise.epoch > leader.epoch
            return (isAbove ? [.deposed(hello.promise)] : [])
                + refuse(refusal.code, refusal.message)
        }
        var actions: [Action] = []
        if case .seeding(let source?) = phase, source.offer.seed != hello.seed {
            actions.append(.leaveSeed(source.offer.seed))
        }
        if let last, !last.isProbe, last.follower != hello.follower {
            return actions + refuse(.contradiction, "another follower on the same connection")
        }
        actions += send(
            .welcome(
                Welcome(
                    storeID: primary.storeID, history: primary.history, position: position)), now)
        return actions + decide(hello, now)
    }

    /// Ship, cut, or seed: by the histories, and by nothing else. Holds N4.
    private mutating func decide(_ hello: FollowerHello, _ now: UInt64) -> [Action] {
        held = nil
        flights = []
        flightBytes = 0
        seedQueue = []
        isStuck = false
        durable = 0
        if hello.isProbe {
            phase = .watched
            return []
        }
        let end = hello.lastSequence
        guard hello.storeID != nil, !hello.needsSeed,
            let shared = hello.history.sharedEnd(endingAt: end, with: primary.history)
        else { return seed(hello, now) }
        // A term that the primary does not know has nothing in its log that counts; if it were
        // left, what is shipped would seem to be of it.
        if shared < end || !primary.history.contains(hello.history.currentID) {
            phase = .truncating
            return send(.truncate(after: shared), now)
        }
        phase = .streaming
        sent = end
        durable = end
        visible = end
        begun = hello.history
        catalogTrees = hello.nextTree
        progressAt = now
        return [.report(report(hello, isAttached: true, keep: end))] + pump(now)
    }
}
