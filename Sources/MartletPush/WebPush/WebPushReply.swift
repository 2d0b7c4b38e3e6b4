/// What a Web Push service's status means for us.
enum WebPushReply {
    static func outcome(_ reply: PushReply) -> PushOutcome {
        let reason = "status \(reply.status)"
        switch reply.status {
        case 200..<300: return .accepted
        // Our key is not the one that the subscription was made with.
        case 401, 403: return .refused(reason: reason, isAlarm: true)
        case 404, 410: return .dropSubscription(reason: reason)
        case 413: return .shrink
        case 429: return .retry(after: reply.retryAfter, scope: .host, reason: reason)
        case 500...: return .retry(after: reply.retryAfter, scope: .subscription, reason: reason)
        // 400 and its like are mistakes of ours; a redirect is not followed.
        default: return .refused(reason: reason, isAlarm: false)
        }
    }
}
