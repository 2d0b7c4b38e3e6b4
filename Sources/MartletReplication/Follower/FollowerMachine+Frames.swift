import MartletStore

extension FollowerMachine {
    /// A peer said something.
    package mutating func receive(
        _ frame: ShipperFrame, from connection: Int, now: UInt64
    ) -> [Action] {
        guard var peer = peers[connection], !isStopped else { return [] }
        peer.heardAt = now
        peers[connection] = peer
        if case .refused(let refusal) = frame.body {
            // At once again where it only begins anew; else after the usual wait.
            if refusal.code == .restarting { backoff = settings.times.backoffFirst }
            return [.notice("a primary refused: \(refusal)")] + drop(connection, now)
                + choose(now)
        }
        if peer.phase == .left { return [] }
        if frame.body == .fence { return fenced(by: frame.leader, connection, now) }
        if following?.connection == connection {
            return lead(frame, connection, now)
        }
        if case .welcome(let welcome) = frame.body, peer.phase == .greeting,
            welcome.history.currentID == frame.leader
        {
            return welcomed(connection, welcome, now)
        }
        // Heartbeats of one that is only looked at.
        if case .heartbeat = frame.body { return [] }
        return refuse(connection, .contradiction, "a frame out of turn", now) + choose(now)
    }

    /// Somebody wants to be promoted, and asks for the promise first.
    private mutating func fenced(
        by term: TermID, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        if term == state.promise, promised == term { return sayPromised(connection) }
        guard term.epoch > promised.epoch else {
            return refuse(connection, .staleTerm, "promised to \(promised)", now)
        }
        var history = TermHistory()
        do throws(StoreError) {
            try history.begin(
                Term(
                    epoch: term.epoch, incarnation: term.incarnation, firstSequence: 1,
                    keepsCursors: false))
        } catch {
            return refuse(connection, .contradiction, error.message, now)
        }
        return enqueue(.promise(history), connection, now)
    }

    func sayPromised(_ connection: Int) -> [Action] {
        [
            .send(
                connection,
                .promised(
                    PromiseAnswer(
                        term: state.promise, history: state.history,
                        lastSequence: state.lastSequence)))
        ]
    }

    /// A frame of the one that is followed.
    private mutating func lead(
        _ frame: ShipperFrame, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        guard let following, frame.leader == following.leader else {
            return refuse(connection, .staleTerm, "a frame of term \(frame.leader)", now)
        }
        // Before the promise is durable nothing is acted on.
        if following.phase == .promising {
            if case .heartbeat = frame.body { return [] }
            return refuse(connection, .contradiction, "a frame out of turn", now)
        }
        // Holds N6: a promise may have been made to another one meanwhile.
        guard frame.leader == state.promise else {
            return refuse(connection, .staleTerm, "promised to \(state.promise)", now)
        }
        if case .heartbeat = frame.body {} else { self.following?.movedAt = now }
        switch frame.body {
        case .welcome(let welcome): return begin(welcome, connection, now)
        case .heartbeat(let position):
            primary = position
            return []
        case .append(let group): return append(group, connection, now)
        case .term(let term): return beginTerm(term, connection, now)
        case .catalog(let edit):
            guard startStreaming(now) else { break }
            return enqueue(.catalog(edit), connection, now)
        case .truncate(let sequence): return truncate(after: sequence, connection, now)
        case .seedPending:
            if following.phase == .seeding(nil) { return [] }
            guard [.welcomed, .streaming].contains(following.phase) else { break }
            if following.phase == .streaming { self.following?.shared = following.end }
            self.following?.phase = .seeding(nil)
            return []
        case .seedOffer(let offer): return offered(offer, connection, now)
        case .seedData(let data): return seedArrived(data, connection, now)
        case .fence, .refused: break
        }
        return refuse(connection, .contradiction, "a frame out of turn", now)
    }

    /// The answer to the hello that said where the log stands.
    private mutating func begin(
        _ welcome: Welcome, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        guard var following, following.phase == .greeting,
            welcome.history == following.welcome.history,
            welcome.storeID == following.welcome.storeID
        else { return refuse(connection, .contradiction, "another welcome", now) }
        following.welcome = welcome
        following.shared = state.history.sharedEnd(
            endingAt: state.lastSequence, with: welcome.history)
        following.end = state.lastSequence
        following.begun = state.history
        following.phase = .welcomed
        // Nothing to cut: what is here may be counted at once.
        let matches =
            state.storeID != nil && !needsSeed && following.shared == state.lastSequence
            && welcome.history.contains(state.history.currentID)
        self.following = following
        primary = welcome.position
        guard matches else { return [] }
        backoff = settings.times.backoffFirst
        self.following?.phase = .streaming
        return sayDurable(now)
    }

    /// Whether records, terms and catalogs are in turn.
    private func startStreaming(_ now: UInt64) -> Bool { following?.phase == .streaming }

    private mutating func append(
        _ group: ShippedGroup, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        guard let following, startStreaming(now) else {
            return refuse(connection, .contradiction, "records out of turn", now)
        }
        primary = group.position
        // It came twice.
        if group.lastSequence <= following.end { return [] }
        guard group.previous == following.end else {
            return refuse(
                connection, .contradiction,
                "records behind \(group.previous), and the log ends at \(following.end)", now)
        }
        // The whole group is of the term that was begun last, and the leader's history says so.
        let term = following.welcome.history.term(of: group.previous + 1)
        let last = following.welcome.history.term(of: group.lastSequence)
        guard let term, TermRule.wrote(term, epoch: group.records[0].epoch), term == last,
            following.begun.terms.contains(where: { $0.isSame(as: term) })
        else {
            return refuse(connection, .contradiction, "records of a term not begun", now)
        }
        guard queueBytes + group.payloadBytes <= settings.queueBytes else {
            return refuse(connection, .contradiction, "more than the window", now)
        }
        self.following?.end = group.lastSequence
        return enqueue(.append(group.records), connection, bytes: group.payloadBytes, now)
    }

    private mutating func beginTerm(
        _ term: Term, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        guard var following, startStreaming(now) else {
            return refuse(connection, .contradiction, "a term out of turn", now)
        }
        // It came twice.
        if following.begun.terms.contains(term) { return [] }
        let next = TermRule.nextTerms(
            of: following.welcome.history, behind: following.begun, endingAt: following.end)
        guard next.first == term, term.firstSequence == following.end + 1 else {
            return refuse(
                connection, .contradiction, "term \(TermID(term)) does not follow", now)
        }
        do throws(StoreError) {
            try following.begun.begin(term)
        } catch {
            return refuse(connection, .contradiction, error.message, now)
        }
        self.following = following
        return enqueue(.begin(term), connection, now)
    }

    /// Holds N4: cut where the histories say, which is looked up here too.
    private mutating func truncate(
        after sequence: UInt64, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        guard let following, following.phase == .welcomed, let shared = following.shared,
            sequence == shared,
            shared < state.lastSequence
                || !following.welcome.history.contains(state.history.currentID)
        else {
            return refuse(
                connection, .contradiction,
                "no cut behind \(sequence) by the histories", now)
        }
        self.following?.phase = .truncating
        return enqueue(.truncate(after: sequence), connection, now)
    }
}
