package import MartletStore

/// A follower: a state machine without I/O.
///
/// It connects to all of its primaries' addresses, promises the highest term among those that it
/// may follow, and follows that one: appends, cuts and seeds as the histories say. It believes a
/// shipper nothing that it can check itself. One work of the store is under way at a time, and
/// nothing is said that is not durable. Holds N1, N2, N4 and N6 at this end.
package struct FollowerMachine: Sendable {
    /// What may be set.
    package struct Settings: Sendable {
        /// Made once, at random, and kept.
        package var follower: UInt64
        package var name: String
        /// How many primaries there may be to connect to.
        package var addresses: Int
        package var times = ReplicationTimes()
        /// Bytes of records that are appended and synced at once.
        package var groupBytes = 4 << 20
        /// Bytes of records that may wait; a shipper that sends more is cut off.
        package var queueBytes = 160 << 20
        /// Bytes of a seed that are asked for at once; four such pieces are under way.
        package var seedPieceBytes: UInt32 = 1 << 20

        package init(follower: UInt64, name: String, addresses: Int) {
            self.follower = follower
            self.name = name
            self.addresses = addresses
        }
    }

    /// What is to be done.
    package enum Action: Sendable, Equatable {
        /// Answered by `connected` or `disconnected`.
        case connect(Int, address: Int)
        case send(Int, FollowerFrame)
        /// Nothing comes of this connection after it.
        case close(Int)
        /// Answered by `finished`.
        case work(FollowerWork)
        /// For the operator.
        case notice(String)
    }

    /// One connection.
    struct Peer: Sendable, Equatable {
        enum Phase: Sendable, Equatable {
            case connecting
            /// A hello was said.
            case greeting
            /// It may be followed.
            case candidate(Welcome)
            case followed
            /// Its term is below the one that is followed: it is told so as soon as that is
            /// promised, and is heard no more until then.
            case left
        }
        var address: Int
        var phase = Phase.connecting
        var since: UInt64
        var heardAt: UInt64
    }

    /// The one that is followed.
    struct Following: Sendable, Equatable {
        enum Phase: Sendable, Equatable {
            /// The promise is being made.
            case promising
            /// The second hello was said.
            case greeting
            /// Welcomed: what the shipper decides is awaited.
            case welcomed
            case truncating
            case streaming
            case seeding(SeedSink?)
            case installing
        }
        var connection: Int
        var welcome: Welcome
        var phase = Phase.promising
        /// Up to where both logs are one.
        var shared: UInt64?
        /// The end and the history of the log once all that is queued is in it.
        var end: UInt64 = 0
        var begun = TermHistory()
        /// When the shipper last said something but that it is there.
        var movedAt: UInt64 = 0

        var leader: TermID { welcome.history.currentID }
    }

    /// A work and whose it is.
    struct Job: Sendable, Equatable {
        var work: FollowerWork
        var connection: Int
        var bytes = 0
    }

    let settings: Settings
    package internal(set) var state: FollowerState
    var needsSeed = false
    /// A work failed: how the store stands is asked before it is told to a primary again.
    var isUnsure = false
    var peers: [Int: Peer] = [:]
    var nextConnection = 1
    package internal(set) var followingPeer: Int?
    var following: Following? {
        didSet { followingPeer = following?.connection }
    }
    var queue: [Job] = []
    var queueBytes = 0
    var running: Job?
    /// No search before this.
    var searchAt: UInt64 = 0
    var backoff: UInt64
    var probeAt: UInt64 = 0
    var nextProbe = 0
    var saidAt: UInt64 = 0
    var jitter: UInt64
    package internal(set) var isStopped = false
    /// What the primary said of itself last.
    package internal(set) var primary: PrimaryPosition?
    /// Seeds installed, and connections made.
    package internal(set) var seeds = 0
    package internal(set) var connections = 0

    /// - Parameter random: decides how waits are spread.
    package init(_ settings: Settings, _ state: FollowerState, random: UInt64) {
        self.settings = settings
        self.state = state
        backoff = settings.times.backoffFirst
        jitter = random | 1
    }

    /// The place among the addresses of the one that is followed; `nil` for none.
    package var followedAddress: Int? {
        following.flatMap { peers[$0.connection]?.address }
    }

    /// One word for the operator.
    package var stateName: String {
        if isStopped { return "stopped" }
        guard let following else { return "searching" }
        switch following.phase {
        case .promising, .greeting, .welcomed: return "greeting"
        case .truncating: return "truncating"
        case .streaming:
            return (primary?.lastSequence ?? 0) > state.lastSequence
                ? "catching-up" : "streaming"
        case .seeding, .installing: return "seeding"
        }
    }

    /// Begins, and goes on: to be called several times a second.
    package mutating func tick(now: UInt64) -> [Action] {
        guard !isStopped else { return [] }
        var actions = dropSilent(now)
        if following == nil {
            actions += search(now)
        } else {
            actions += probe(now)
            if now >= saidAt + settings.times.heartbeat { actions += sayAlive(now) }
        }
        return actions
    }

    /// The connection is there.
    package mutating func connected(_ connection: Int, now: UInt64) -> [Action] {
        guard var peer = peers[connection], peer.phase == .connecting, !isStopped else {
            return [.close(connection)]
        }
        peer.phase = .greeting
        peer.since = now
        peer.heardAt = now
        peers[connection] = peer
        connections += 1
        return [.send(connection, .hello(hello(isProbe: true)))]
    }

    /// The connection ended, or could not be made.
    package mutating func disconnected(_ connection: Int, now: UInt64) -> [Action] {
        guard peers.removeValue(forKey: connection) != nil else { return [] }
        var actions: [Action] = []
        if following?.connection == connection {
            actions = [.notice("connection \(connection) to the primary ended")]
            stopFollowing(now)
        }
        return isStopped ? actions : actions + choose(now)
    }

    /// The bytes of the peer were no frame.
    package mutating func receive(_ error: FrameError, from connection: Int, now: UInt64)
        -> [Action]
    {
        guard peers[connection] != nil else { return [] }
        return refuse(connection, .badFrame, "\(error)", now)
    }

    /// Follows nobody any more: to be promoted, or to end.
    package mutating func stop() -> [Action] {
        let actions = peers.keys.sorted().flatMap { connection -> [Action] in
            let refusal = Refusal(.restarting, state.promise, "the follower stops")
            let isUp = peers[connection]?.phase != .connecting
            return (isUp ? [.send(connection, .refused(refusal))] : []) + [.close(connection)]
        }
        isStopped = true
        peers = [:]
        following = nil
        queue = []
        queueBytes = 0
        return actions
    }

    func hello(isProbe: Bool) -> FollowerHello {
        var hello = FollowerHello(
            storeID: state.storeID, follower: settings.follower, name: settings.name,
            promise: state.promise, history: state.history, lastSequence: state.lastSequence,
            nextTree: state.nextTree)
        hello.isProbe = isProbe
        hello.needsSeed = needsSeed
        hello.seed = state.seed
        return hello
    }

    /// Nothing more is done for it; it is told who leads once that is promised.
    mutating func leave(_ connection: Int, _ now: UInt64) {
        if following?.connection == connection { stopFollowing(now) }
        peers[connection]?.phase = .left
        peers[connection]?.since = now
    }

    /// Tells those that were left that they lead no more: so that no deposed primary goes on until
    /// somebody happens to look at it. Nothing is said before the promise is durable (N1).
    mutating func tellLeft(_ now: UInt64) -> [Action] {
        peers.filter { $0.value.phase == .left }.keys.sorted().flatMap {
            refuse($0, .staleTerm, "promised to \(state.promise)", now)
        }
    }

    mutating func drop(_ connection: Int, _ now: UInt64) -> [Action] {
        guard peers.removeValue(forKey: connection) != nil else { return [] }
        if following?.connection == connection { stopFollowing(now) }
        return [.close(connection)]
    }

    mutating func refuse(
        _ connection: Int, _ code: Refusal.Code, _ message: String, _ now: UInt64
    ) -> [Action] {
        let refusal = Refusal(code, state.promise, message)
        return [
            .send(connection, .refused(refusal)), .notice("refused a primary: \(refusal)"),
        ] + drop(connection, now)
    }

    /// What is queued of it is forgotten; what is running ends, and counts.
    mutating func stopFollowing(_ now: UInt64) {
        following = nil
        queue.removeAll { job in
            if case .promise = job.work { return false }
            return true
        }
        queueBytes = 0
        searchAt = now + wait()
    }

    /// The time to wait, and twice as long the next time.
    mutating func wait() -> UInt64 {
        jitter = jitter &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let spread = backoff / 2 + (jitter >> 33) % max(1, backoff / 2)
        backoff = min(backoff * 2, settings.times.backoffLast)
        return spread
    }
}
