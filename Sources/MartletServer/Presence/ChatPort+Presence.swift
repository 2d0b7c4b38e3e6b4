import MartletChat

extension ChatPort {
    /// This port, with what sockets know: who is online.
    package func with(_ presence: PresenceDesk) -> ChatPort {
        var port = self
        let (domain, refusal) = (perform, refusal)
        port.perform = { call, reply in
            switch call {
            case .action(let user, let action) where action.isLive:
                // Who is online is known where they write.
                if let refusal = refusal() { return reply(.failure(refusal)) }
                Self.perform(action, for: user, on: presence, reply)
            case .send(_, let conversation, _, _, _) where !conversation.isGroup:
                domain(call) { outcome in
                    guard case .receipt(let receipt, _) = outcome, receipt.showsPeer else {
                        return reply(outcome)
                    }
                    let isOnline = presence.isOnline(conversation.peer)
                    reply(.receipt(receipt, isPeerOnline: isOnline))
                }
            case .markDelivered(let user, let group, _) where group.isGroup,
                .markRead(let user, let group, _) where group.isGroup:
                domain(call) { outcome in
                    if case .moved = outcome { presence.moved(user, in: group) }
                    reply(outcome)
                }
            default:
                domain(call, reply)
            }
        }
        return port
    }

    private static func perform(
        _ action: ChatAction, for user: UserID, on presence: PresenceDesk,
        _ reply: @escaping Reply
    ) {
        switch action {
        case .presence(let users):
            presence.look(at: users, for: user) { reply(.init($0) { .action(.presence($0)) }) }
        case .watch(let users, _):
            presence.look(at: users, for: user) { reply(.init($0) { .action(.presence($0)) }) }
        case .typing(let conversation):
            presence.typing(user, in: conversation)
            reply(.action(.done))
        default:
            reply(.failure(ChatError(.internal, "an action that nobody performs")))
        }
    }
}
