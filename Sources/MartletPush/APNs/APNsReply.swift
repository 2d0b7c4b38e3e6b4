import FoundationEssentials

/// What an APNs reply means for us.
enum APNsReply {
    /// The body of a reply that is not 200.
    private struct Failure: Decodable {
        var reason: String?
        /// Since when the token is dead, in milliseconds since 1970.
        var timestamp: UInt64?
    }

    enum Verdict: Hashable {
        case outcome(PushOutcome)
        /// The provider token is too old: sign another one and try once more.
        case renewToken
    }

    /// - Parameter registeredAt: when the device registered the token, microseconds since 1970.
    static func verdict(_ reply: PushReply, registeredAt: UInt64) -> Verdict {
        if reply.status == 200 { return .outcome(.accepted) }
        let failure = try? JSONDecoder().decode(Failure.self, from: Data(reply.body))
        let name = failure?.reason ?? ""
        let reason = name.isEmpty ? "status \(reply.status)" : "\(reply.status) \(name)"
        switch (reply.status, name) {
        case (400, "BadDeviceToken"), (400, "DeviceTokenNotForTopic"):
            return .outcome(.dropSubscription(reason: reason))
        case (403, "ExpiredProviderToken"): return .renewToken
        case (410, _):
            return .outcome(gone(reason, since: failure?.timestamp, registeredAt: registeredAt))
        case (429, "TooManyProviderTokenUpdates"):
            return .outcome(.retry(after: reply.retryAfter, scope: .host, reason: reason))
        case (429, _), (400, "IdleTimeout"), (500, _):
            return .outcome(.retry(after: reply.retryAfter, scope: .subscription, reason: reason))
        case (501..., _):
            return .outcome(.retry(after: reply.retryAfter, scope: .host, reason: reason))
        // A wrong key, team or topic fails every push; the rest are mistakes in this one.
        case (403, _): return .outcome(.refused(reason: reason, isAlarm: true))
        default: return .outcome(.refused(reason: reason, isAlarm: false))
        }
    }

    private static func gone(
        _ reason: String, since milliseconds: UInt64?, registeredAt: UInt64
    ) -> PushOutcome {
        guard let milliseconds, registeredAt / 1_000 >= milliseconds else {
            return .dropSubscription(reason: reason)
        }
        return .retry(
            after: nil, scope: .subscription, reason: reason + ", but registered since")
    }
}
