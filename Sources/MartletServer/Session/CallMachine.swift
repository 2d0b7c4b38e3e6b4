package import MartletChat

/// One `POST /v1/call`: a session that lives for one frame. No I/O.
///
/// A token is authenticated first, then the frame is served as on a socket.
package struct CallMachine {
    package enum Event: Sendable {
        case start
        case outcome(UInt32, ChatOutcome)
        /// Whether the user may: nil, or the milliseconds to wait.
        case admitted(wait: UInt64?)
    }

    package enum Action: Sendable {
        case call(UInt32, ChatCall)
        /// Ask whether this user may, and tell it at once.
        case admit(UserID)
        /// Every socket and poll of the user with this token must go.
        case revoke(UserID, token: String)
        /// The last action.
        case answer(Answer)
    }

    private let frame: ClientFrame
    private let token: String?
    private var session: SessionStateMachine
    private var isAuthenticating = false

    /// - Parameter token: nil for `login` and `register`.
    package init(_ frame: ClientFrame, token: String?, epoch: UInt32) {
        self.frame = frame
        self.token = token
        session = SessionStateMachine(doorOf: epoch)
    }

    /// Whether a request can be made without a socket.
    package static func serves(_ request: ClientRequest) -> Bool {
        switch request {
        case .hi, .auth, .ping: false
        default: true
        }
    }

    /// Whether a request proves by itself who is asking.
    package static func needsToken(_ request: ClientRequest) -> Bool {
        switch request {
        case .login, .register: false
        default: true
        }
    }

    package mutating func handle(
        _ event: Event, at now: SessionStateMachine.Moment
    ) -> [Action] {
        switch event {
        case .start:
            guard let token else { return serve(at: now) }
            isAuthenticating = true
            let request = ClientFrame(id: frame.id, request: .auth(token: token))
            return translated(session.handle(.frame(.success(request)), at: now))
        case .outcome(let ticket, let outcome):
            let actions = session.handle(.outcome(ticket, outcome), at: now)
            guard isAuthenticating, let user = session.user else { return translated(actions) }
            isAuthenticating = false
            return [.admit(user)]
        case .admitted(wait: nil):
            return serve(at: now)
        case .admitted(let wait?):
            return [.answer(Answer(frame.id, .error(.tooMany(wait))))]
        }
    }

    private mutating func serve(at now: SessionStateMachine.Moment) -> [Action] {
        translated(session.handle(.frame(.success(frame)), at: now))
    }

    private func translated(_ actions: [SessionStateMachine.Action]) -> [Action] {
        actions.compactMap { action in
            switch action {
            case .write(let answer): .answer(answer)
            case .call(let ticket, let call): .call(ticket, call)
            case .revoke(let user, let token): .revoke(user, token: token)
            case .attach, .detach, .close: nil
            }
        }
    }
}
