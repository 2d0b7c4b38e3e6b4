/// One of a user's devices, as its user sees it. Times are microseconds since 1970.
public struct Device: Hashable, Sendable {
    /// The device's id.
    public var device: DeviceID
    /// What its client called it; may be empty.
    public var label: String
    /// When it logged in.
    public var createdAt: UInt64
    /// When it was last used, to the hour.
    public var lastSeenAt: UInt64
    /// When its token expires if it is not used again.
    public var expiresAt: UInt64
    /// Whether it gets push messages.
    public var hasPush: Bool

    /// A device of these parts.
    public init(
        device: DeviceID, label: String, createdAt: UInt64, lastSeenAt: UInt64,
        expiresAt: UInt64, hasPush: Bool = false
    ) {
        self.device = device
        self.label = label
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
        self.hasPush = hasPush
    }

    init(_ device: DeviceID, _ value: DeviceValue) {
        self.init(
            device: device, label: value.label, createdAt: value.createdAt,
            lastSeenAt: value.lastSeenAt, expiresAt: value.expiresAt)
    }
}
