public import MartletPush

/// Which push services a server uses, and how.
public struct PushOptions: Sendable {
    /// The key that browsers' subscriptions are made with; `nil` for no Web Push.
    public var vapid: VAPIDKey?
    /// How push services reach the operator: `mailto:` or `https:`.
    public var subject = "mailto:postmaster@localhost"
    /// Apple's service; `nil` for none.
    public var apns: APNsOptions?
    /// The key of Google's service, a service account's JSON; `nil` for none.
    public var fcm: ServiceAccount?
    /// Where Google's service is; `nil` for where it really is.
    public var fcmEndpoint: String?
    /// Which endpoints users may name.
    public var rules = EndpointRules()
    /// Addresses that endpoints may lead to.
    public var addresses = AddressGuard()
    /// Certificates besides the system's, in PEM.
    public var extraRootsPEM: [UInt8] = []
    /// Seconds that a device has for taking a message before the others are pushed.
    public var graceSeconds: UInt64 = 5
    /// Seconds after which a push that could not be sent is given up.
    public var lifetimeSeconds: UInt64 = 86_400

    /// No service.
    public init() {}

    /// Whether there is anything to push with.
    public var isOff: Bool { vapid == nil && apns == nil && fcm == nil }
}
