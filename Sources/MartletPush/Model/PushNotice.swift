/// What one push says.
public struct PushNotice: Sendable, Hashable {
    /// How much a device may save power at this push's cost (RFC 8030 §5.3).
    public enum Urgency: String, Sendable, CaseIterable {
        /// Advertisements.
        case veryLow = "very-low"
        /// A change of topic.
        case low
        /// Chat.
        case normal
        /// A call, or something that is late already.
        case high
    }

    /// What the system's tray may show where no program of ours runs first (APNs).
    public struct Alert: Sendable, Hashable {
        /// The first line: who writes.
        public var title: String
        /// The second line: what.
        public var body: String

        /// An alert of two lines.
        public init(title: String, body: String) {
            self.title = title
            self.body = body
        }
    }

    /// What the client's program gets: one JSON object in UTF-8, or nothing at all.
    public var payload: [UInt8]
    /// Shown by the system on APNs; nil shows the transport's generic line.
    public var alert: Alert?
    /// Unread messages in all, for the icon (APNs).
    public var badge: UInt32?
    /// A newer push of the same topic replaces an undelivered one.
    public var topic: PushTopic?
    /// How long the service keeps it for a device that is away, in seconds. 0: now or never.
    public var ttl: UInt32
    /// How urgent it is.
    public var urgency: Urgency

    /// A notice with `payload`, which must be empty or one JSON object.
    public init(
        payload: [UInt8], alert: Alert? = nil, badge: UInt32? = nil, topic: PushTopic? = nil,
        ttl: UInt32, urgency: Urgency = .normal
    ) {
        self.payload = payload
        self.alert = alert
        self.badge = badge
        self.topic = topic
        self.ttl = ttl
        self.urgency = urgency
    }

    /// The same without payload and text: it only wakes the client.
    public var bare: PushNotice {
        var bare = self
        bare.payload = []
        bare.alert = nil
        return bare
    }
}
