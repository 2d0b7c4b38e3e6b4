import MartletChat

extension ChatPort {
    static func performAccount(
        _ call: ChatCall, on chat: ChatService, _ reply: @escaping Reply
    ) {
        switch call {
        case .devices(let user):
            chat.devices(user: user) { reply(.init($0) { .devices($0) }) }
        case .revoke(let user, let device):
            chat.revokeDevice(user: user, device: device) { reply(.init($0) { _ in .done }) }
        case .changePassword(let user, let device, let old, let new):
            chat.changePassword(user: user, device: device, old: old, new: new) {
                reply(.init($0) { _ in .done })
            }
        default:
            break
        }
    }

    /// Opens the session of an issuer's token. The client learns no reason for a refusal.
    static func authenticate(
        _ token: String, with issuer: JWTVerifier, on chat: ChatService, _ reply: @escaping Reply
    ) {
        Task {
            do throws(JWTFault) {
                chat.openSession(try await issuer.login(token)) {
                    reply(.init($0) { .session($0) })
                }
            } catch {
                reply(
                    .refused(
                        ChatError(.unauthorized, "the token is not accepted"), reason: "\(error)"))
            }
        }
    }
}
