package import MartletStore

/// One follower's connection, at the shipper's end: a state machine without I/O.
///
/// Whoever owns it tells it what happened and performs what comes back, in order. One read of the
/// log or of the catalog is under way at a time. Holds N2 and N4 as far as the sender can; the
/// follower checks all of it again.
package struct ShipperSession: Sendable {
    /// What may be set.
    package struct Settings: Sendable {
        /// Bytes of payload that may be under way without having become durable.
        package var window = 4 << 20
        /// Bytes of payload that are read, and sent as one frame.
        package var groupBytes = 256 << 10
        /// Bytes a second, seeds included; `nil` for no limit.
        package var bytesPerSecond: Int?
        package var times = ReplicationTimes()

        package init() {}
    }

    /// What is to be done.
    package enum Action: Sendable, Equatable {
        case send(ShipperFrame)
        /// Records behind a sequence, about so many bytes: answered by `read`.
        case read(after: UInt64, bytes: Int)
        /// All tables and families: answered by `catalog`.
        case readCatalog
        /// A seed is needed, best the one with this id: answered by `seed` or `seedFailed`.
        case wantSeed(resuming: UInt64)
        /// Answered by `seedRead`.
        case readSeed(SeedRange)
        /// The follower needs it no more.
        case leaveSeed(UInt64)
        case report(FollowerPosition)
        /// Somebody has a higher term: the store here is no primary any more.
        case deposed(TermID)
        /// For the operator.
        case notice(String)
        /// Nothing comes after this.
        case close
    }

    /// The answer to a read of the log.
    package enum Reading: Sendable, Equatable {
        /// Records that follow what was asked for, none if there are none yet; and the least tree
        /// number that none of them names or is above.
        case records([ShippedRecord], treesEnd: UInt32)
        /// The log does not reach back that far.
        case gone
        case failed(String)
    }

    enum Phase: Sendable, Equatable {
        case greeting
        /// The peer only looks.
        case watched
        /// It cuts its log, and says hello again.
        case truncating
        case streaming
        /// A seed is made or read; it says hello again when it has it.
        case seeding(SeedSource?)
        case closed
    }

    struct Flight: Sendable, Equatable {
        var last: UInt64
        var bytes: Int
    }

    let settings: Settings
    /// The common name of the peer's certificate, where there is one.
    let certificateName: String?
    package internal(set) var primary: PrimaryState
    package internal(set) var hello: FollowerHello?
    var phase = Phase.greeting
    /// The last sequence that was sent, and what of that is not yet durable over there.
    var sent: UInt64 = 0
    var flights: [Flight] = []
    var flightBytes = 0
    package internal(set) var durable: UInt64 = 0
    package internal(set) var visible: UInt64 = 0
    /// What the follower's log will have begun once it has all that was sent.
    var begun = TermHistory()
    var catalogTrees: UInt32 = 0
    var readIsOpen = false
    /// Records that wait for a catalog.
    var held: (records: [ShippedRecord], treesEnd: UInt32)?
    var seedQueue: [SeedRange] = []
    var bucket: ByteBucket
    var receivedAt: UInt64
    var sentAt: UInt64
    var progressAt: UInt64
    package internal(set) var isStuck = false
    var wallTime: UInt64 = 0

    package init(
        _ settings: Settings, primary: PrimaryState, certificateName: String?, now: UInt64
    ) {
        self.settings = settings
        self.primary = primary
        self.certificateName = certificateName
        bucket = ByteBucket(bytesPerSecond: settings.bytesPerSecond, now: now)
        receivedAt = now
        sentAt = now
        progressAt = now
    }

    var leader: TermID { primary.history.currentID }

    /// Whether nothing comes any more.
    package var isClosed: Bool { phase == .closed }

    /// Whether the follower gets the log as it is written.
    package var isStreaming: Bool { phase == .streaming }

    /// One word for the operator.
    package var stateName: String {
        switch phase {
        case .greeting: "greeting"
        case .watched: "watching"
        case .truncating: "truncating"
        case .streaming:
            isStuck ? "stuck" : durable < primary.lastSequence ? "catching-up" : "streaming"
        case .seeding: "seeding"
        case .closed: "closed"
        }
    }

    /// The peer said something.
    package mutating func receive(
        _ frame: FollowerFrame, now: UInt64, wallTime: UInt64
    ) -> [Action] {
        guard phase != .closed else { return [] }
        receivedAt = now
        self.wallTime = wallTime
        switch frame {
        case .hello(let hello): return greet(hello, now)
        case .durable(let position): return moved(position, now)
        case .seedRead(let range): return wanted(range, now)
        case .seedDone(let seed): return left(seed)
        case .promised: return []
        case .alive: return []
        case .refused(let refusal): return refused(refusal)
        }
    }

    /// The bytes of the peer were no frame.
    package mutating func receive(_ error: FrameError) -> [Action] {
        refuse(.badFrame, "\(error)")
    }

    /// The store moved on.
    package mutating func update(
        _ primary: PrimaryState, now: UInt64, wallTime: UInt64
    ) -> [Action] {
        guard phase != .closed else { return [] }
        self.wallTime = wallTime
        let isSame = primary.history == self.primary.history
        self.primary = primary
        if primary.isDeposed { return refuse(.staleTerm, "this store was deposed") }
        // What was said in the name of the old term no longer holds: the peer begins anew.
        if !isSame && phase != .greeting {
            return refuse(.restarting, "the primary has begun term \(leader)")
        }
        return pump(now)
    }

    /// Time passed.
    package mutating func tick(now: UInt64, wallTime: UInt64) -> [Action] {
        guard phase != .closed else { return [] }
        self.wallTime = wallTime
        let patience =
            phase == .greeting ? settings.times.greeting : settings.times.silence
        if now >= receivedAt + patience { return refuse(.silent, "nothing came for too long") }
        var actions: [Action] = []
        if !flights.isEmpty, !isStuck, now >= progressAt + settings.times.stuck {
            isStuck = true
            actions.append(
                .notice("follower \(hello?.name ?? "?") is stuck at sequence \(durable)"))
        }
        if !flights.isEmpty, now >= progressAt + 2 * settings.times.stuck {
            return actions + refuse(.restarting, "nothing becomes durable")
        }
        actions += pump(now)
        if phase != .greeting, now >= sentAt + settings.times.heartbeat {
            // While a seed is made, that it is being made.
            let isWaiting = phase == .seeding(nil)
            actions += send(isWaiting ? .seedPending : .heartbeat(position), now)
        }
        return actions
    }

    /// The connection ended.
    package mutating func disconnect() -> [Action] {
        guard phase != .closed else { return [] }
        return end()
    }

    /// The process stops.
    package mutating func stop() -> [Action] {
        guard phase != .closed else { return [] }
        return refuse(.restarting, "the shipper stops")
    }

    var position: PrimaryPosition {
        PrimaryPosition(
            lastSequence: primary.lastSequence, time: wallTime,
            showsReplicatedOnly: primary.replicas > 0)
    }

    mutating func send(_ body: ShipperFrame.Body, _ now: UInt64) -> [Action] {
        sentAt = now
        return [.send(ShipperFrame(leader, body))]
    }

    mutating func refuse(_ code: Refusal.Code, _ message: String) -> [Action] {
        let refusal = Refusal(code, leader, message)
        let last: [Action] = [.send(ShipperFrame(leader, .refused(refusal)))]
        return last + end() + [.notice("refused \(hello?.name ?? "a peer"): \(message)"), .close]
    }

    private mutating func refused(_ refusal: Refusal) -> [Action] {
        // It knows of a higher term than its hello did.
        let isAbove = refusal.code == .staleTerm && refusal.term.epoch > leader.epoch
        let deposed: [Action] = isAbove ? [.deposed(refusal.term)] : []
        return deposed + end() + [
            .notice("\(hello?.name ?? "a peer") refused: \(refusal)"), .close,
        ]
    }

    private mutating func end() -> [Action] {
        var actions: [Action] = []
        if case .seeding(let source?) = phase { actions.append(.leaveSeed(source.offer.seed)) }
        if let hello, !hello.isProbe, phase != .greeting, phase != .watched {
            actions.append(.report(report(hello, isAttached: false, keep: durable)))
        }
        phase = .closed
        return actions
    }

    /// What the server is told of the follower. `durable` is a position in this leader's log only
    /// from the moment at which the histories said so.
    func report(_ hello: FollowerHello, isAttached: Bool, keep: UInt64) -> FollowerPosition {
        FollowerPosition(
            follower: hello.follower, name: hello.name, isAttached: isAttached, term: leader,
            sequence: durable, keep: keep)
    }
}
