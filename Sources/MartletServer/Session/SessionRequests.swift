import MartletChat

/// Frames of the client.
extension SessionStateMachine {
    mutating func receive(_ frame: ClientFrame, _ now: Moment) {
        if isDraining { return answer(frame.id, .error(.draining)) }
        if openCount >= ProtocolLimits.openRequests {
            return answer(frame.id, .error(.tooManyOpen))
        }
        if case .greeting = phase { return greet(frame, now) }
        if pausedSeconds != nil && frame.request != .ping {
            held.append(frame)
            return
        }
        serve(frame, now)
    }

    private mutating func greet(_ frame: ClientFrame, _ now: Moment) {
        guard case .hi(let version, let token) = frame.request else {
            return answer(frame.id, .error(.badRequest("hi must come first")))
        }
        guard version == ProtocolLimits.version else {
            answer(frame.id, .error(.badRequest("version \(version) is not spoken here")))
            return close(.version)
        }
        phase = .anonymous
        guard let token else {
            return answer(frame.id, .hi(epoch: epoch, session: nil, refusal: nil))
        }
        startAuthentication(frame, .authenticate(token: token), now)
    }

    mutating func serve(_ frame: ClientFrame, _ now: Moment) {
        switch frame.request {
        case .ping:
            answer(frame.id, .done(verb: .ping))
        case .hi:
            answer(frame.id, .error(.badRequest("hi came already")))
        case .auth(let token):
            startAuthentication(frame, .authenticate(token: token), now)
        case .register(let name, let password, let device):
            enter(frame, .register(name: name, password: password, label: device), now)
        case .login(let name, let password, let device):
            enter(frame, .logIn(name: name, password: password, label: device), now)
        default:
            guard case .member(let member) = phase else {
                return answer(frame.id, .error(.unauthorized))
            }
            serve(frame, for: member, now)
        }
    }

    private mutating func enter(_ frame: ClientFrame, _ call: ChatCall, _ now: Moment) {
        if user != nil { return answer(frame.id, .error(.badRequest("log out first"))) }
        startAuthentication(frame, call, now)
    }

    private mutating func startAuthentication(
        _ frame: ClientFrame, _ start: ChatCall, _ now: Moment
    ) {
        pausedSeconds = max(1, (deadline ?? now.second) - now.second)
        deadline = nil
        call(
            start,
            for: Pending(id: frame.id, request: frame.request, user: user, number: frame.number))
    }

    private mutating func serve(_ frame: ClientFrame, for member: Member, _ now: Moment) {
        let user = member.user
        let request = Pending(
            id: frame.id, request: frame.request, user: user, number: frame.number)
        switch frame.request {
        case .logout:
            call(.logOut(token: member.token), for: request)
        case .devices, .revoke, .password, .subscribe, .unsubscribe:
            serveAccount(request, for: member)
        case .find(let name):
            call(.find(name: name), for: request)
        case .action(.typing(let conversation)) where !typing.lets(conversation, at: now.wall):
            answer(frame.id, .action(verb: "typing", .done))
        case .action(let action) where !action.isPage:
            call(.action(user, action), for: request)
        case .send(let conversation, let clientMessageID, let text, let replyTo):
            call(
                .send(
                    user, to: conversation, clientMessageID: clientMessageID, text: text,
                    replyTo: replyTo),
                for: request)
        case .delivered(let conversation, let upTo):
            call(.markDelivered(user, conversation, upTo: upTo), for: request)
        case .read(let conversation, let upTo):
            call(.markRead(user, conversation, upTo: upTo), for: request)
        default:
            waitingPages.append(request)
        }
    }

    mutating func callPage(_ page: Pending, _ user: UserID) {
        switch page.request {
        case .action(let action):
            call(.action(user, action), for: page)
        case .history(let conversation, let range, let limit):
            call(.history(user, conversation, range, limit: limit), for: page)
        case .conversations(let after, let limit):
            call(.conversations(user, after: after, limit: limit), for: page)
        case .sync(let epoch, let seq, let limit) where epoch == self.epoch:
            call(.events(user, after: seq, limit: limit), for: page)
        case .sync(let epoch, _, _):
            call(.latestCursor(user, cursorEpoch: epoch), for: page)
        default:
            call(.latestCursor(user), for: page)
        }
    }
}
