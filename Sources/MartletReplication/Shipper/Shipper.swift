package import MartletStore

/// The shipper as a whole: sessions, followers, seeds, and the link to the server. A state machine
/// without I/O.
package struct Shipper: Sendable {
    /// What is to be done. Those of a session carry its connection.
    package enum Action: Sendable, Equatable {
        case send(Int, ShipperFrame)
        case close(Int)
        /// Answered by `read`.
        case read(Int, after: UInt64, bytes: Int)
        /// Answered by `catalog`.
        case readCatalog(Int)
        /// Answered by `seedRead`.
        case readSeed(Int, SeedRange)
        /// Look at the checkpoint there: answered by `seedOpened` or `seedFailed`.
        case openSeed(UInt64, path: String)
        case closeSeed(UInt64)
        /// To the server, if it is there.
        case link(LinkReport)
        case notice(String)
    }

    /// A follower that was here since the shipper began.
    struct Known: Sendable {
        var name: String
        var durable: UInt64
        var visible: UInt64
        var connection: Int?
        var seeds = 0
        var heardAt: UInt64
    }

    /// A seed, ready or being made.
    struct Seed: Sendable {
        var offer: SeedOffer?
        var users: Set<Int> = []
        var idleSince: UInt64
    }

    let settings: ShipperSession.Settings
    package private(set) var primary: PrimaryState
    var sessions: [Int: ShipperSession] = [:]
    var known: [UInt64: Known] = [:]
    var seeds: [UInt64: Seed] = [:]
    var nextSeed: UInt64
    /// Whether the server is there, to make seeds.
    package private(set) var isLinked = false
    var lag = LagClock()
    var deposedBy: TermID?

    /// - Parameter random: where the ids of seeds begin; another one after each start.
    package init(
        _ settings: ShipperSession.Settings, primary: PrimaryState, random: UInt64
    ) {
        self.settings = settings
        self.primary = primary
        nextSeed = max(1, random)
    }

    /// A follower connected.
    package mutating func connected(
        _ connection: Int, certificateName: String?, now: UInt64
    ) {
        sessions[connection] = ShipperSession(
            settings, primary: primary, certificateName: certificateName, now: now)
    }

    package mutating func disconnected(_ connection: Int, now: UInt64) -> [Action] {
        let actions = perform(connection, now) { $0.disconnect() }
        sessions[connection] = nil
        return actions
    }

    package mutating func receive(
        _ frame: FollowerFrame, from connection: Int, now: UInt64, wallTime: UInt64
    ) -> [Action] {
        var actions: [Action] = []
        if case .hello(let hello) = frame, !hello.isProbe {
            // The same follower on an older connection: that one is dead, and does not know it.
            for (other, session) in sessions.sorted(by: { $0.key < $1.key })
            where other != connection && session.hello?.follower == hello.follower
                && session.hello?.isProbe == false
            {
                actions += perform(other, now) { $0.stop() }
            }
            if let rival = rival(of: hello) {
                let who = "\(hello.name) is here already, as follower \(rival)"
                return actions + perform(connection, now) { $0.refuse(.busy, who) }
            }
        }
        actions += perform(connection, now) {
            $0.receive(frame, now: now, wallTime: wallTime)
        }
        note(connection, now)
        return actions
    }

    package mutating func receive(
        _ error: FrameError, from connection: Int, now: UInt64
    ) -> [Action] {
        perform(connection, now) { $0.receive(error) }
    }

    package mutating func read(
        _ reading: ShipperSession.Reading, after: UInt64, for connection: Int, now: UInt64
    ) -> [Action] {
        perform(connection, now) { $0.read(reading, after: after, now: now) }
    }

    package mutating func catalog(
        _ edit: ManifestEdit, nextTree: UInt32, for connection: Int, now: UInt64
    ) -> [Action] {
        perform(connection, now) { $0.catalog(edit, nextTree: nextTree, now: now) }
    }

    package mutating func seedRead(
        _ data: SeedData?, for connection: Int, now: UInt64
    ) -> [Action] {
        let unread = data == nil ? sessions[connection]?.seedOffered : nil
        let actions = perform(connection, now) { $0.seedRead(data, now: now) }
        // A server that was started anew has thrown it away: nobody is offered it again.
        guard let unread, seeds.removeValue(forKey: unread) != nil else { return actions }
        return actions + [.closeSeed(unread), .link(.seedDone(unread))]
    }

    /// The store moved on: told by the server, or read from the directory where there is none.
    package mutating func update(
        _ state: PrimaryState, now: UInt64, wallTime: UInt64
    ) -> [Action] {
        primary = state
        lag.note(state, at: now)
        return each(now) { $0.update(state, now: now, wallTime: wallTime) }
    }

    package mutating func tick(now: UInt64, wallTime: UInt64) -> [Action] {
        each(now) { $0.tick(now: now, wallTime: wallTime) } + dropIdleSeeds(now)
    }

    package mutating func stop(now: UInt64) -> [Action] {
        each(now) { $0.stop() }
    }

    /// The server is there, and knows nothing yet.
    package mutating func linked() -> [Action] {
        isLinked = true
        var actions: [Action] = [
            .link(.attach(version: FollowerHello.version, storeID: primary.storeID))
        ]
        if let deposedBy { actions.append(.link(.deposed(deposedBy))) }
        for (_, session) in sessions.sorted(by: { $0.key < $1.key }) {
            guard let hello = session.hello, session.isStreaming else { continue }
            actions.append(
                .link(
                    .follower(
                        session.report(hello, isAttached: true, keep: session.durable))))
        }
        return actions
    }

    package mutating func unlinked(now: UInt64) -> [Action] {
        isLinked = false
        // Nobody makes the seeds that were asked for.
        return seeds.filter { $0.value.offer == nil }.keys.sorted().flatMap {
            seedFailed($0, "the server is gone", now: now)
        }
    }

    package mutating func receive(
        _ frame: ServerFrame, now: UInt64, wallTime: UInt64
    ) -> [Action] {
        switch frame {
        case .state(let state):
            guard state.storeID == primary.storeID else {
                return [.notice("the server has another store")]
            }
            return update(state, now: now, wallTime: wallTime)
        case .seedMade(let seed, let path):
            return seeds[seed] == nil ? [.link(.seedDone(seed))] : [.openSeed(seed, path: path)]
        case .seedFailed(let seed, let message): return seedFailed(seed, message, now: now)
        case .refused(let refusal): return [.notice("the server refused: \(refusal)")]
        }
    }

    // MARK: Sessions

    /// Another follower that is here under the name of `hello`. A name stands for one.
    private func rival(of hello: FollowerHello) -> String? {
        let others = sessions.values.compactMap { session -> UInt64? in
            guard !session.isClosed, let other = session.hello, !other.isProbe,
                other.name == hello.name, other.follower != hello.follower
            else { return nil }
            return other.follower
        }
        return others.min().map { String($0, radix: 16) }
    }

    func note(_ connection: Int) -> FollowerHello? {
        guard let hello = sessions[connection]?.hello, !hello.isProbe else { return nil }
        return hello
    }

    private mutating func note(_ connection: Int, _ now: UInt64) {
        guard let session = sessions[connection], let hello = note(connection) else { return }
        var entry =
            known[hello.follower]
            ?? Known(name: hello.name, durable: 0, visible: 0, heardAt: now)
        entry.name = hello.name
        entry.connection = connection
        entry.heardAt = now
        if session.isStreaming {
            entry.durable = session.durable
            entry.visible = session.visible
        } else {
            entry.durable = hello.lastSequence
        }
        known[hello.follower] = entry
        // One whose files were thrown away has come as another: the old one comes no more.
        known = known.filter { $0.key == hello.follower || $0.value.name != hello.name }
    }

    private mutating func each(
        _ now: UInt64, _ body: (inout ShipperSession) -> [ShipperSession.Action]
    ) -> [Action] {
        sessions.keys.sorted().flatMap { perform($0, now, body) }
    }

    mutating func perform(
        _ connection: Int, _ now: UInt64,
        _ body: (inout ShipperSession) -> [ShipperSession.Action]
    ) -> [Action] {
        guard var session = sessions[connection] else { return [] }
        let actions = body(&session)
        sessions[connection] = session
        return actions.flatMap { translate($0, connection, now) }
    }

    private mutating func translate(
        _ action: ShipperSession.Action, _ connection: Int, _ now: UInt64
    ) -> [Action] {
        switch action {
        case .send(let frame): return [.send(connection, frame)]
        case .read(let after, let bytes):
            return [.read(connection, after: after, bytes: bytes)]
        case .readCatalog: return [.readCatalog(connection)]
        case .wantSeed(let seed): return wantSeed(seed, connection, now)
        case .readSeed(let range): return [.readSeed(connection, range)]
        case .leaveSeed(let seed): return leaveSeed(seed, connection, now)
        case .report(let position): return [.link(.follower(position))]
        case .deposed(let term):
            if term.epoch > deposedBy?.epoch ?? 0 { deposedBy = term }
            return [
                .link(.deposed(term)), .notice("this store is deposed by term \(term)"),
            ]
        case .notice(let text): return [.notice(text)]
        case .close: return [.close(connection)]
        }
    }
}
