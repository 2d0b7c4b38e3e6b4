/// What became of one push, in terms of what the sender must do next.
public enum PushOutcome: Sendable, Hashable {
    /// Whom a back-off holds up.
    public enum Scope: Sendable, Hashable {
        /// Only this subscription.
        case subscription
        /// Everything that goes to the same service (`PushSubscription.service`).
        case host
    }

    /// The service took it.
    case accepted
    /// The subscription is dead: forget it, if it is still the stored one.
    case dropSubscription(reason: String)
    /// Not now. `after` is the least delay in seconds that the service asks for, if it asks.
    case retry(after: UInt32?, scope: Scope, reason: String)
    /// Too large: send it again with `PushNotice.bare`.
    case shrink
    /// Our mistake, or the operator's: repeating it changes nothing. `isAlarm` where somebody must
    /// look now, because every push of this kind fails (a wrong key, say).
    case refused(reason: String, isAlarm: Bool)
}
