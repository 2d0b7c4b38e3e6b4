import MartletChat

/// Answers of the domain.
extension SessionStateMachine {
    mutating func finish(_ ticket: UInt32, _ outcome: ChatOutcome, _ now: Moment) {
        let (shown, position) = outcome.reflected
        self.position = position
        defer { self.position = nil }
        settle(ticket, shown, now)
    }

    private mutating func settle(_ ticket: UInt32, _ outcome: ChatOutcome, _ now: Moment) {
        if finishRecheck(ticket, outcome) { return }
        guard let request = pending.remove(ticket) else { return }
        switch request.request {
        case .hi, .register, .login, .auth:
            finishAuthentication(request, outcome, now)
        case .history, .conversations, .sync:
            isPageOpen = false
            finishPage(request, outcome)
        case .action(let action) where action.isPage:
            isPageOpen = false
            finishSimple(request, outcome)
        case .logout:
            finishLogout(request, outcome, now)
        case .devices, .revoke, .password, .subscribe, .unsubscribe:
            finishAccount(request, outcome, now)
        default:
            finishSimple(request, outcome)
        }
    }

    private mutating func finishSimple(_ request: Pending, _ outcome: ChatOutcome) {
        switch (request.request, outcome) {
        case (_, .failure(let error)):
            answer(request.id, .error(ErrorFrame(error)))
        case (.find, .user(let user, let name)):
            answer(request.id, .found(user, name: name))
        case (.action(let action), .action(let result)):
            answer(request.id, .action(verb: action.verb, result))
        case (.send(_, let clientMessageID, _, _), .receipt(let receipt, let isPeerOnline)):
            answer(
                request.id,
                .sent(receipt, clientMessageID: clientMessageID, isPeerOnline: isPeerOnline))
        case (.delivered(let conversation, _), .moved(let upTo)):
            answer(request.id, .cursor(verb: .delivered, conversation, upTo: upTo))
        case (.read(let conversation, _), .moved(let upTo)):
            answer(request.id, .cursor(verb: .read, conversation, upTo: upTo))
        default:
            answer(request.id, .error(ErrorFrame("internal", 500, "unexpected outcome")))
        }
    }

    private mutating func finishAuthentication(
        _ request: Pending, _ outcome: ChatOutcome, _ now: Moment
    ) {
        let left = pausedSeconds ?? authenticationSeconds + 1
        pausedSeconds = nil
        switch outcome {
        case .session(let session) where user == nil || user == session.user:
            deadline = nil
            enter(session, request, now)
        case .session:
            answer(request.id, .error(.badRequest("log out first")))
        case .failure(let error):
            if user == nil { deadline = now.second + left }
            refuse(request, ErrorFrame(error))
        default:
            if user == nil { deadline = now.second + left }
            refuse(request, ErrorFrame("internal", 500, "unexpected outcome"))
        }
        let frames = held
        held = []
        for frame in frames {
            if pausedSeconds == nil { serve(frame, now) } else { held.append(frame) }
        }
    }

    /// Pushes start before the answer is written, so that nothing falls between.
    private mutating func enter(_ session: Session, _ request: Pending, _ now: Moment) {
        let token: String
        let frame: ServerFrame
        var shown = session
        switch request.request {
        case .hi(_, let old):
            token = old ?? ""
            shown.token = nil
            frame = .hi(epoch: epoch, session: shown, refusal: nil)
        case .auth(let old):
            token = old
            shown.token = nil
            frame = .session(verb: .auth, shown)
        case .login:
            token = session.token ?? ""
            frame = .session(verb: .login, shown)
        default:
            token = session.token ?? ""
            frame = .session(verb: .register, shown)
        }
        phase = .member(
            Member(
                user: session.user, token: token, expiresAt: session.expiresAt,
                device: session.device))
        recheck = Recheck(lastAt: now.wall)
        actions.append(.attach(session.user, token: token))
        answer(request.id, frame)
    }

    private mutating func refuse(_ request: Pending, _ error: ErrorFrame) {
        if case .hi = request.request {
            answer(request.id, .hi(epoch: epoch, session: nil, refusal: error))
        } else {
            answer(request.id, .error(error))
        }
    }

    private mutating func finishLogout(
        _ request: Pending, _ outcome: ChatOutcome, _ now: Moment
    ) {
        if case .failure(let error) = outcome {
            return answer(request.id, .error(ErrorFrame(error)))
        }
        if case .member(let member) = phase {
            leave(now)
            actions.append(.revoke(member.user, token: member.token))
        }
        answer(request.id, .done(verb: .logout))
    }

    private mutating func finishPage(_ request: Pending, _ outcome: ChatOutcome) {
        let limit = ProtocolLimits.pageBytes
        switch (request.request, outcome) {
        case (_, .failure(let error)):
            answer(request.id, .error(ErrorFrame(error)))
        case (.history(let conversation, .after, _), .history(let messages, let more)):
            let fitting = PageCut.fitting(messages.lazy.map(PageCut.size), in: limit)
            let cut = fitting < messages.count
            answer(
                request.id,
                .history(conversation, Array(messages.prefix(fitting)), more: more || cut))
        case (.history(let conversation, _, _), .history(let messages, let more)):
            let fitting = PageCut.fitting(
                messages.reversed().lazy.map(PageCut.size), in: limit)
            let cut = fitting < messages.count
            answer(
                request.id,
                .history(conversation, Array(messages.suffix(fitting)), more: more || cut))
        case (.conversations, .conversations(let list, let more)):
            let fitting = PageCut.fitting(list.lazy.map(PageCut.size), in: limit)
            let cut = fitting < list.count
            answer(request.id, .conversations(Array(list.prefix(fitting)), more: more || cut))
        case (.sync(_, let seq, _), .events(let events, let end, let limited)):
            answer(request.id, SyncPage.frame(after: seq, events, end, limited: limited))
        case (.sync, .cursor(let latest)):
            answer(request.id, .sync(latest, [], limited: false, reset: true))
        default:
            answer(request.id, .error(ErrorFrame("internal", 500, "unexpected outcome")))
        }
    }
}
