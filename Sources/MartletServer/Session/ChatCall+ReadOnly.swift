import MartletChat

extension ChatCall {
    /// Whether a server whose store is another one's copy cannot make it: it changes something, or
    /// asks what only the server knows that takes the writes.
    package var needsPrimary: Bool {
        switch self {
        case .register, .logIn, .logOut, .revoke, .subscribe, .unsubscribe, .changePassword, .send,
            .markDelivered, .markRead:
            true
        case .authenticate, .devices, .find, .history, .conversations, .events, .latestCursor:
            false
        case .action(_, let action): action.needsPrimary
        }
    }

    /// Whether its answer shows stored rows, and so a position of the store.
    var showsRows: Bool {
        switch self {
        case .authenticate: false
        default: !needsPrimary
        }
    }
}

extension ChatAction {
    /// As `ChatCall.needsPrimary`.
    package var needsPrimary: Bool {
        switch self {
        case .start, .group, .members, .names, .contacts: false
        case .edit, .delete, .create, .rename, .add, .remove, .leave, .role, .makeLink,
            .revokeLink, .join, .contact, .block, .settings, .mute, .presence, .watch, .typing:
            true
        }
    }
}

extension ChatOutcome {
    /// The outcome itself, and the position of the store that it reflects where that is told.
    var reflected: (outcome: ChatOutcome, position: UInt64?) {
        if case .reflecting(let position, let outcome) = self { return (outcome, position) }
        return (self, nil)
    }
}

extension ChatPort {
    /// A copy of the port's calls for a store that may take no writes: those that need the primary
    /// are refused, and answers of a follower say what position they reflect.
    static func guarded(
        _ chat: ChatService, _ domain: @escaping @Sendable (ChatCall, @escaping Reply) -> Void
    ) -> @Sendable (ChatCall, @escaping Reply) -> Void {
        { call, reply in
            if call.needsPrimary, let refusal = chat.writeRefusal {
                return reply(.failure(refusal))
            }
            guard chat.isReadOnly, call.showsRows else { return domain(call, reply) }
            // Asked before the rows are read: they are of this position or a later one.
            let position = chat.position
            domain(call) { reply(.reflecting(position, $0)) }
        }
    }
}
