/// A way to a push service.
public protocol PushTransport: Sendable {
    /// Sends `notice` once and says what became of it. Never waits longer than the client's
    /// deadline, and repeats by itself only where a token had to be renewed.
    func send(_ notice: PushNotice, to subscription: PushSubscription) async -> PushOutcome
}

/// All transports behind one door: picks the one for the subscription's kind.
public struct PushGateway: PushTransport {
    private let web: (any PushTransport)?
    private let apns: (any PushTransport)?
    private let fcm: (any PushTransport)?

    /// - Parameters: the transports that the operator configured.
    public init(
        web: (any PushTransport)? = nil, apns: (any PushTransport)? = nil,
        fcm: (any PushTransport)? = nil
    ) {
        self.web = web
        self.apns = apns
        self.fcm = fcm
    }

    /// Whether pushes of `kind` can be sent at all.
    public func serves(_ kind: PushSubscription.Kind) -> Bool { transport(for: kind) != nil }

    /// As `PushTransport.send`; refused where the kind is not configured.
    public func send(
        _ notice: PushNotice, to subscription: PushSubscription
    ) async -> PushOutcome {
        guard let transport = transport(for: subscription.kind) else {
            return .refused(reason: "\(subscription.kind) is not configured", isAlarm: false)
        }
        return await transport.send(notice, to: subscription)
    }

    private func transport(for kind: PushSubscription.Kind) -> (any PushTransport)? {
        switch kind {
        case .web: web
        case .apns: apns
        case .fcm: fcm
        }
    }
}
