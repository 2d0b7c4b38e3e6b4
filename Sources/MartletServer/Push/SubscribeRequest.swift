package import MartletPush

/// The fields of `subscribe`.
package struct SubscribeRequest: Sendable, Equatable {
    package enum Target: Sendable, Equatable {
        case web(endpoint: String, p256dh: String, auth: String)
        case apns(token: String)
        case fcm(token: String)
    }

    package var target: Target
    /// Whether pushes may say what a message says.
    package var showsText: Bool

    package var kind: PushSubscription.Kind {
        switch target {
        case .web: .web
        case .apns: .apns
        case .fcm: .fcm
        }
    }

    /// What to store.
    /// - Throws: what is wrong with it.
    func subscription(
        at now: UInt64, rules: EndpointRules
    ) throws(PushSubscriptionError) -> PushSubscription {
        switch target {
        case .web(let endpoint, let p256dh, let auth):
            try .web(
                endpoint: endpoint, p256dh: p256dh, auth: auth, registeredAt: now, rules: rules)
        case .apns(let token): try .apns(token: token, registeredAt: now)
        case .fcm(let token): try .fcm(token: token, registeredAt: now)
        }
    }

    init(_ object: VerbFields) throws(FrameFault) {
        switch try object.string("kind", bytes: 1...8) {
        case "web":
            target = .web(
                endpoint: try object.string("endpoint", bytes: 1...2_048),
                p256dh: try object.string("p256dh", bytes: 1...128),
                auth: try object.string("auth", bytes: 1...64))
        case "apns": target = .apns(token: try object.string("token", bytes: 1...256))
        case "fcm": target = .fcm(token: try object.string("token", bytes: 1...1_024))
        default:
            throw FrameFault(kind: .badRequest, message: "kind: web, apns or fcm", id: nil)
        }
        showsText = try object.bool(ifPresent: "text") ?? false
    }
}
