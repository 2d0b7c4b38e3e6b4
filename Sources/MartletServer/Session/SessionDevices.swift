package import MartletChat

/// The device behind a session: it is looked at again while the socket lives, and it can end.
extension SessionStateMachine {
    /// When a live session is authenticated again: its use counts for its expiry, and what has
    /// ended unheard is found.
    struct Recheck {
        /// Between two looks, at most and at least.
        static let longest: UInt64 = 3_600_000_000
        static let shortest: UInt64 = 10_000_000

        /// The call under way.
        var ticket: UInt32?
        /// Microseconds since 1970 at which the session was last known to be good.
        var lastAt: UInt64 = 0
    }

    /// The device of the session; nil if there is none.
    package var device: DeviceID? {
        if case .member(let member) = phase { return member.device }
        return nil
    }

    /// When the session is to be looked at, in microseconds since 1970: a quarter of the way to its
    /// expiry, so that a use puts that off in time.
    private func recheckAt(_ member: Member) -> UInt64 {
        let rest = member.expiresAt - min(member.expiresAt, recheck.lastAt)
        return recheck.lastAt + min(Recheck.longest, max(Recheck.shortest, rest / 4))
    }

    /// The second of the next look; far away without a session.
    func nextRecheck(at now: Moment) -> Int {
        guard case .member(let member) = phase, recheck.ticket == nil else { return .max }
        let due = recheckAt(member)
        return now.second + 1 + Int((due - min(due, now.wall)) / 1_000_000)
    }

    mutating func startRecheck(_ now: Moment) {
        guard case .member(let member) = phase, recheck.ticket == nil, pausedSeconds == nil,
            now.wall >= recheckAt(member)
        else { return }
        nextTicket &+= 1
        recheck = Recheck(ticket: nextTicket, lastAt: now.wall)
        actions.append(.call(nextTicket, .authenticate(token: member.token)))
    }

    /// Whether the outcome was a recheck's.
    mutating func finishRecheck(_ ticket: UInt32, _ outcome: ChatOutcome) -> Bool {
        guard recheck.ticket == ticket else { return false }
        recheck.ticket = nil
        guard case .member(var member) = phase else { return true }
        switch outcome {
        case .session(let session) where session.user == member.user:
            if session.device == member.device { member.expiresAt = session.expiresAt }
            phase = .member(member)
        case .failure(let error) where error.code == .unauthorized:
            endDevice()
        default:
            // The store cannot read now; the next one will tell.
            break
        }
        return true
    }

    /// The device has ended. Who has asked for it stays, and is told by the answer.
    mutating func endDevice() {
        let isAskedFor = pending.contains { request in
            switch request.request {
            case .logout: true
            case .revoke(let ended): ended == device
            default: false
            }
        }
        if !isAskedFor { close(.loggedOut) }
    }

    // MARK: Requests

    mutating func serveAccount(_ request: Pending, for member: Member) {
        switch request.request {
        case .devices:
            call(.devices(member.user), for: request)
        case .revoke(let device):
            call(.revoke(member.user, device), for: request)
        case .password(let old, let new):
            guard let device = member.device else {
                return answer(request.id, .error(.unauthorized))
            }
            call(.changePassword(member.user, keeping: device, old: old, new: new), for: request)
        case .subscribe(let subscribe):
            guard let device = member.device else {
                return answer(request.id, .error(.unauthorized))
            }
            call(.subscribe(member.user, device, subscribe), for: request)
        case .unsubscribe:
            guard let device = member.device else {
                return answer(request.id, .error(.unauthorized))
            }
            call(.unsubscribe(member.user, device), for: request)
        default:
            break
        }
    }

    mutating func finishAccount(_ request: Pending, _ outcome: ChatOutcome, _ now: Moment) {
        switch (request.request, outcome) {
        case (_, .failure(let error)):
            answer(request.id, .error(ErrorFrame(error)))
        case (.devices, .devices(let devices)):
            answer(request.id, .devices(devices, current: device))
        case (.revoke(let ended), .done):
            // One's own: as a log-out.
            if ended == device { leave(now) }
            answer(request.id, .revoked(ended))
        case (.subscribe(let subscribe), .done):
            answer(request.id, .subscribed(kind: subscribe.kind))
        case (.unsubscribe, .done):
            answer(request.id, .done(verb: .unsubscribe))
        case (.password, .done):
            answer(request.id, .done(verb: .password))
        default:
            answer(request.id, .error(ErrorFrame("internal", 500, "unexpected outcome")))
        }
    }
}
