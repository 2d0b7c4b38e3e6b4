import MartletChat

/// Lets one typing notice of a socket through in two seconds, for each conversation. Remembers
/// eight conversations; who writes in more of them at once is not let through.
struct TypingThrottle {
    private var passed: [(conversation: ConversationID, at: UInt64)] = []

    /// - Parameter wall: now, in microseconds since 1970. When the clock steps back notices pass.
    mutating func lets(_ conversation: ConversationID, at wall: UInt64) -> Bool {
        passed.removeAll { wall < $0.at || wall - $0.at >= ProtocolLimits.typingInterval }
        guard passed.count < 8, !passed.contains(where: { $0.conversation == conversation }) else {
            return false
        }
        passed.append((conversation, wall))
        return true
    }
}
