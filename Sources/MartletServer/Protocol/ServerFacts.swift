import MartletPush

/// What `hi` tells of this server, beside the limits of the protocol.
package struct ServerFacts: Sendable {
    /// Name and version.
    package var build: String
    /// Seconds without a byte after which a socket is pinged.
    package var pingSeconds: Int
    /// Seconds that the answer to a ping may take.
    package var pongSeconds: Int
    /// Which kinds of push devices can subscribe to.
    package var push = PushFacts()
    /// How long messages can be changed.
    package var windows = ChangeWindows()
    /// Where clients may go when this server is gone or takes no writes: origins.
    package var servers: [String] = []
    /// What it tells while it takes no writes. Must not block.
    package var readOnly: @Sendable () -> ReadOnlyFacts? = { nil }

    package init(
        build: String, pingSeconds: Int = ProtocolLimits.pingSeconds,
        pongSeconds: Int = ProtocolLimits.pongSeconds
    ) {
        self.build = build
        self.pingSeconds = max(1, pingSeconds)
        self.pongSeconds = max(1, pongSeconds)
    }
}

/// Which kinds of push this server sends.
package struct PushFacts: Sendable, Hashable {
    /// The key that browsers subscribe with, in base64url; told where there is Web Push.
    package var vapidKey: String?
    /// Whether it sends to Apple's service.
    package var apns = false
    /// Whether it sends to Firebase.
    package var fcm = false

    /// No push.
    package init() {}

    init(_ options: PushOptions) {
        vapidKey = options.vapid?.publicKey
        apns = options.apns != nil
        fcm = options.fcm != nil
    }

    func write(to json: inout JSONWriter) {
        json.key("push")
        json.beginObject()
        if let vapidKey { json.field("vapid", vapidKey) }
        json.key("web")
        json.bool(vapidKey != nil)
        json.key("apns")
        json.bool(apns)
        json.key("fcm")
        json.bool(fcm)
        json.endObject()
    }
}

/// How long after its sending a message can be changed, in seconds; nil for no limit, 0 for never.
package struct ChangeWindows: Sendable, Hashable {
    package var edit: UInt64?
    package var delete: UInt64?

    package init(edit: UInt64? = nil, delete: UInt64? = nil) {
        self.edit = edit
        self.delete = delete
    }

    func write(to json: inout JSONWriter) {
        json.key("windows")
        json.beginObject()
        if let edit { json.field("edit", edit) }
        if let delete { json.field("delete", delete) }
        json.endObject()
    }
}
