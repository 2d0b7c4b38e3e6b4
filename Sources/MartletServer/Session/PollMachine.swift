package import MartletChat

/// One `POST /v1/poll`: authenticated, read, and parked until there is an event. No I/O.
///
/// The poll is registered with the hub before it reads, so that no event falls between the reading
/// and the parking. It keeps nothing for the client: the request's cursor says what arrived.
package struct PollMachine {
    package enum Event: Sendable {
        case start
        case outcome(ChatOutcome)
        /// Whether the user may: nil, or the milliseconds to wait.
        case admitted(wait: UInt64?)
        /// The user has a new event.
        case event(InboxEvent)
        /// All events of the moment have been told.
        case settle
        case tick
        /// A newer poll with the same token has come, or the server stops.
        case dismiss
        /// The token was logged out.
        case revoked
    }

    package enum Action: Sendable {
        case call(ChatCall)
        /// Ask whether this user may, and tell it at once.
        case admit(UserID)
        /// From now on the user's events come here.
        case register(UserID)
        /// The last action.
        case answer(ServerFrame)
    }

    private enum Phase {
        case authenticating, reading, parked, done
    }

    package let request: PollRequest
    private let epoch: UInt32
    private var phase = Phase.authenticating
    private var session: Session?
    /// The device, once authenticated.
    var device: DeviceID? { session?.device }
    /// New events that follow the cursor without a gap.
    private var gathered: [InboxEvent] = []
    /// Whether there are events that were told but not gathered.
    private var hasMore = false
    /// The second at which it is answered without an event; nil until it is parked.
    package private(set) var deadline: Int?

    /// - Parameter epoch: of the server's cursors.
    package init(_ request: PollRequest, epoch: UInt32) {
        self.request = request
        self.epoch = epoch
    }

    package mutating func handle(
        _ event: Event, at now: SessionStateMachine.Moment
    ) -> [Action] {
        if phase == .done { return [] }
        switch event {
        case .start:
            return [.call(.authenticate(token: request.token))]
        case .outcome(let outcome):
            return finish(outcome, now)
        case .admitted(let wait?):
            return answer(.error(.tooMany(wait)))
        case .admitted(nil):
            guard let session else { return answer(.error(.unauthorized)) }
            return [.register(session.user)] + read(session.user)
        case .event(let event):
            gather(event)
            return []
        case .settle:
            return settle(now)
        case .tick:
            guard phase == .parked, now.second >= deadline ?? 0 else { return [] }
            return isExpired(now) ? answer(.error(.unauthorized)) : answer(emptyPage)
        case .dismiss:
            return answer(emptyPage)
        case .revoked:
            return answer(.error(.unauthorized))
        }
    }

    private mutating func finish(
        _ outcome: ChatOutcome, _ now: SessionStateMachine.Moment
    ) -> [Action] {
        switch (phase, outcome) {
        case (_, .failure(let error)):
            return answer(.error(ErrorFrame(error)))
        case (.authenticating, .session(let session)):
            self.session = session
            return [.admit(session.user)]
        case (.reading, .cursor(let latest)):
            return answer(.sync(latest, [], limited: false, reset: true))
        case (.reading, .events(let events, let end, let limited)):
            if isExpired(now) { return answer(.error(.unauthorized)) }
            if !events.isEmpty || limited || end.seq < request.seq {
                return answer(
                    SyncPage.frame(after: request.seq, events, end, limited: limited))
            }
            phase = .parked
            deadline = now.second(after: request.timeoutSeconds)
            let actions = settle(now)
            return actions.isEmpty && request.timeoutSeconds == 0 ? answer(emptyPage) : actions
        default:
            return answer(.error(ErrorFrame("internal", 500, "unexpected outcome")))
        }
    }

    private mutating func read(_ user: UserID) -> [Action] {
        phase = .reading
        gathered = []
        hasMore = false
        guard request.epoch == epoch else { return [.call(.latestCursor(user))] }
        return [.call(.events(user, after: request.seq, limit: request.limit))]
    }

    /// A changed message is left to a reading: the user may have deleted it for the own devices,
    /// which the event does not say. Holds S16.
    private mutating func gather(_ event: InboxEvent) {
        let next = request.seq + UInt64(gathered.count) + 1
        if event.seq < next { return }
        var isRead = false
        if case .changed = event.kind { isRead = true }
        if event.seq == next, gathered.count < request.limit, !isRead {
            gathered.append(event)
        } else {
            hasMore = true
        }
    }

    private mutating func settle(_ now: SessionStateMachine.Moment) -> [Action] {
        guard phase == .parked, let session, let last = gathered.last?.seq ?? gap else {
            return []
        }
        if isExpired(now) { return answer(.error(.unauthorized)) }
        if gathered.isEmpty { return read(session.user) }
        return answer(
            SyncPage.frame(
                after: request.seq, gathered, InboxCursor(epoch: epoch, seq: last),
                limited: hasMore))
    }

    /// Something, if events were told of which none follows the cursor.
    private var gap: UInt64? { hasMore ? request.seq : nil }

    private var emptyPage: ServerFrame {
        .sync(
            InboxCursor(epoch: request.epoch, seq: request.seq), [], limited: false, reset: false)
    }

    private func isExpired(_ now: SessionStateMachine.Moment) -> Bool {
        session.map { $0.expiresAt <= now.wall } ?? true
    }

    private mutating func answer(_ frame: ServerFrame) -> [Action] {
        phase = .done
        return [.answer(frame)]
    }
}

/// The body of a poll, and its token.
package struct PollRequest: Sendable, Equatable {
    package var token: String
    package var epoch: UInt32
    package var seq: UInt64
    package var limit: Int
    package var timeoutSeconds: Int

    package init(token: String, epoch: UInt32, seq: UInt64, limit: Int, timeoutSeconds: Int) {
        self.token = token
        self.epoch = epoch
        self.seq = seq
        self.limit = limit
        self.timeoutSeconds = timeoutSeconds
    }
}
