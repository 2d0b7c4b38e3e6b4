/// Where one device gets its pushes.
public struct PushSubscription: Sendable, Hashable {
    /// The kinds of services.
    public enum Kind: UInt8, Sendable, CaseIterable, CustomStringConvertible {
        /// Web Push.
        case web = 1
        /// Apple's service.
        case apns = 2
        /// Google's service.
        case fcm = 3

        /// The name in the protocol.
        public var description: String {
            switch self {
            case .web: "web"
            case .apns: "apns"
            case .fcm: "fcm"
            }
        }
    }

    enum Target: Sendable, Hashable {
        case web(WebPushTarget)
        case apns(token: String)
        case fcm(token: String)
    }

    let target: Target

    /// When the device registered it, in microseconds since 1970: a service that calls a token dead
    /// since an earlier time means an earlier registration.
    public let registeredAt: UInt64

    init(_ target: Target, registeredAt: UInt64) {
        self.target = target
        self.registeredAt = registeredAt
    }

    /// A Web Push subscription as a browser gives it.
    ///
    /// - Parameters:
    ///   - endpoint: the service's URL, https, at most 2,048 bytes.
    ///   - p256dh: the browser's key in base64url: an uncompressed point on P-256, 65 bytes.
    ///   - auth: the browser's secret in base64url, 16 bytes.
    ///   - registeredAt: microseconds since 1970.
    ///   - rules: what an endpoint may be.
    public static func web(
        endpoint: String, p256dh: String, auth: String, registeredAt: UInt64,
        rules: EndpointRules = EndpointRules()
    ) throws(PushSubscriptionError) -> PushSubscription {
        let url: PushURL
        do { url = try PushURL(endpoint, rules: rules) } catch { throw .endpoint(error.reason) }
        guard let key = Base64URL.decode(p256dh), WebPushTarget.isPoint(key) else { throw .key }
        guard let auth = Base64URL.decode(auth), auth.count == WebPushTarget.authBytes else {
            throw .auth
        }
        return PushSubscription(
            .web(WebPushTarget(endpoint: url, key: key, auth: auth)), registeredAt: registeredAt)
    }

    /// An APNs device token: 16 to 100 bytes in hex.
    public static func apns(
        token: String, registeredAt: UInt64
    ) throws(PushSubscriptionError) -> PushSubscription {
        let token = token.lowercased()
        let isHex = token.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard isHex, (32...200).contains(token.utf8.count), token.utf8.count % 2 == 0 else {
            throw .token
        }
        return PushSubscription(.apns(token: token), registeredAt: registeredAt)
    }

    /// An FCM registration token: 16 to 1,024 letters, digits or one of `-_:.`.
    public static func fcm(
        token: String, registeredAt: UInt64
    ) throws(PushSubscriptionError) -> PushSubscription {
        let extra = Set(":.".utf8)
        guard (16...1_024).contains(token.utf8.count),
            token.utf8.allSatisfy({ Base64URL.isLetter($0) || extra.contains($0) })
        else { throw .token }
        return PushSubscription(.fcm(token: token), registeredAt: registeredAt)
    }

    /// Whose service it is.
    public var kind: Kind {
        switch target {
        case .web: .web
        case .apns: .apns
        case .fcm: .fcm
        }
    }

    /// The name under which back-offs of the service are kept: the endpoint's origin for Web Push,
    /// else the kind.
    public var service: String {
        guard case .web(let web) = target else { return "\(kind)" }
        return web.endpoint.origin
    }
}

/// Why a subscription is not taken.
public enum PushSubscriptionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The endpoint's URL, with what is wrong with it.
    case endpoint(String)
    /// Not base64url of an uncompressed point on P-256.
    case key
    /// Not base64url of 16 bytes.
    case auth
    /// No token of the kind's form.
    case token

    /// The error in words, for the client.
    public var description: String {
        switch self {
        case .endpoint(let reason): "endpoint: \(reason)"
        case .key: "p256dh: not an uncompressed point on P-256 in base64url"
        case .auth: "auth: not 16 bytes in base64url"
        case .token: "token: malformed"
        }
    }
}
