import MartletStore

extension FollowerMachine {
    /// Connects to every address that there is no connection to.
    mutating func search(_ now: UInt64) -> [Action] {
        guard now >= searchAt else { return [] }
        let known = Set(peers.values.map(\.address))
        let missing = (0..<settings.addresses).filter { !known.contains($0) }
        // Those that are there and no candidate yet are waited for.
        guard !missing.isEmpty else { return [] }
        searchAt = now + wait()
        return missing.map { connect($0, now) }
    }

    /// Looks at one of the others, in turn.
    mutating func probe(_ now: UInt64) -> [Action] {
        guard settings.addresses > 1, now >= probeAt else { return [] }
        probeAt = now + settings.times.probe
        nextProbe = (nextProbe + 1) % settings.addresses
        if peers.values.contains(where: { $0.address == nextProbe }) { return [] }
        return [connect(nextProbe, now)]
    }

    private mutating func connect(_ address: Int, _ now: UInt64) -> Action {
        let connection = nextConnection
        nextConnection += 1
        peers[connection] = Peer(address: address, since: now, heardAt: now)
        return .connect(connection, address: address)
    }

    /// Ends connections that say nothing.
    mutating func dropSilent(_ now: UInt64) -> [Action] {
        var actions: [Action] = []
        for (connection, peer) in peers.sorted(by: { $0.key < $1.key }) {
            let isLate =
                switch peer.phase {
                case .connecting, .greeting, .left: now >= peer.since + settings.times.greeting
                case .candidate: now >= peer.heardAt + settings.times.silence
                case .followed: now >= peer.heardAt + settings.times.silence || isHeldUp(now)
                }
            if isLate { actions += drop(connection, now) }
        }
        return actions.isEmpty ? [] : actions + choose(now)
    }

    /// Whether the shipper is there, and does not do what it is its turn to do.
    private func isHeldUp(_ now: UInt64) -> Bool {
        guard let following, running == nil, queue.isEmpty else { return false }
        switch following.phase {
        case .greeting, .welcomed: return now >= following.movedAt + settings.times.greeting
        case .seeding: return now >= following.movedAt + settings.times.stuck
        case .promising, .truncating, .streaming, .installing: return false
        }
    }

    /// The answer to a hello that only looks.
    mutating func welcomed(
        _ connection: Int, _ welcome: Welcome, _ now: UInt64
    ) -> [Action] {
        if let refusal = refusal(welcome) {
            return refuse(connection, refusal.code, refusal.message, now) + choose(now)
        }
        peers[connection]?.phase = .candidate(welcome)
        return choose(now)
    }

    /// Why a peer may not be followed; `nil` if it may.
    func refusal(_ welcome: Welcome) -> Refusal? {
        if welcome.version != FollowerHello.version {
            return Refusal(.version, state.promise, "version \(welcome.version)")
        }
        if let store = state.storeID, store != welcome.storeID {
            return Refusal(.wrongStore, state.promise, "the store here is \(store)")
        }
        if welcome.history.current == nil {
            return Refusal(.contradiction, state.promise, "a primary without a term")
        }
        return TermRule.refusal(welcome.history, against: state.promise)
    }

    /// Follows the best of the candidates, once it is known of each address what it is.
    mutating func choose(_ now: UInt64) -> [Action] {
        // A promise that is being made decides first.
        guard !isStopped, promised == state.promise else { return [] }
        let isSettled = peers.values.allSatisfy {
            $0.phase != .connecting && $0.phase != .greeting
        }
        var best: (connection: Int, welcome: Welcome)?
        for (connection, peer) in peers.sorted(by: { $0.key < $1.key }) {
            guard case .candidate(let welcome) = peer.phase else { continue }
            if let known = best {
                guard TermRule.isBetter(welcome.history, than: known.welcome.history) else {
                    continue
                }
            }
            best = (connection, welcome)
        }
        guard let best else { return [] }
        if let following {
            // A probe: better than the one that is followed, or not wanted.
            let isBetter = TermRule.isBetter(
                best.welcome.history, than: following.welcome.history)
            guard isBetter else { return dropCandidates(but: nil, now) }
            let isAbove = best.welcome.history.currentID.epoch > following.leader.epoch
            var actions: [Action] = []
            if isAbove {
                leave(following.connection, now)
            } else {
                actions = drop(following.connection, now)
            }
            return actions + follow(best.connection, best.welcome, now)
        }
        return isSettled ? follow(best.connection, best.welcome, now) : []
    }

    /// The promise as it will be once all that is queued is done.
    var promised: TermID {
        for job in queue.reversed() {
            if case .promise(let history) = job.work { return history.currentID }
        }
        if case .promise(let history)? = running?.work { return history.currentID }
        return state.promise
    }

    private mutating func dropCandidates(but kept: Int?, _ now: UInt64) -> [Action] {
        peers.sorted { $0.key < $1.key }.flatMap { connection, peer -> [Action] in
            guard connection != kept, case .candidate = peer.phase else { return [] }
            return drop(connection, now)
        }
    }

    private mutating func follow(
        _ connection: Int, _ welcome: Welcome, _ now: UInt64
    ) -> [Action] {
        for (other, peer) in peers {
            guard case .candidate(let below) = peer.phase,
                below.history.currentID.epoch < welcome.history.currentID.epoch
            else { continue }
            leave(other, now)
        }
        var actions = dropCandidates(but: connection, now)
        peers[connection]?.phase = .followed
        following = Following(connection: connection, welcome: welcome)
        probeAt = now + settings.times.probe
        primary = welcome.position
        actions.append(.notice("following term \(welcome.history.currentID)"))
        // Behind what is still under way, so that the hello tells where the log really ends.
        // A promise that was made already costs nothing, and is answered with how the store stands.
        if state.promise == welcome.history.currentID, running == nil, !isUnsure {
            return actions + tellLeft(now) + greetAgain(now)
        }
        return actions
            + enqueue(.promise(welcome.history), connection, now)
    }

    /// Says where the log stands, for the shipper to decide.
    mutating func greetAgain(_ now: UInt64) -> [Action] {
        guard let connection = following?.connection else { return [] }
        following?.phase = .greeting
        following?.movedAt = now
        saidAt = now
        return [.send(connection, .hello(hello(isProbe: false)))]
    }

    mutating func sayAlive(_ now: UInt64) -> [Action] {
        guard let following else { return [] }
        switch following.phase {
        case .streaming where running == nil && queue.isEmpty: return sayDurable(now)
        case .promising: return []
        default:
            saidAt = now
            return [.send(following.connection, .alive)]
        }
    }

    mutating func sayDurable(_ now: UInt64) -> [Action] {
        guard let following, following.phase == .streaming else { return [] }
        saidAt = now
        let position = DurablePosition(
            leader: following.leader, sequence: state.lastSequence, visible: state.visible)
        return [.send(following.connection, .durable(position))]
    }
}
