/// Requests that share a limit.
package enum VerbClass: UInt8, Sendable {
    /// No limit of its own, only that of all requests.
    case other
    case login, register, send, page, find, receipt, typing, presence, change

    /// The limit of one user, or of one address for `login` and `register`.
    func limit(in limits: ChatServerLimits) -> RateLimit {
        switch self {
        case .other: .off
        case .login: limits.logins
        case .register: limits.registers
        case .send: limits.sends
        case .page: limits.pages
        case .find: limits.finds
        case .receipt: limits.receipts
        case .typing: limits.typing
        case .presence: limits.presence
        case .change: limits.changes
        }
    }
}

extension ClientRequest {
    /// The limit this request falls under.
    package var verbClass: VerbClass {
        switch self {
        case .hi, .auth, .logout, .ping: .other
        case .login: .login
        case .register: .register
        case .send: .send
        case .history, .conversations, .sync: .page
        case .find: .find
        case .delivered, .read: .receipt
        case .devices: .page
        case .revoke, .password: .change
        case .action(let action): action.verbClass
        }
    }
}
