/// Who is logged in, on which device, and until when.
public struct Session: Hashable, Sendable {
    /// The user.
    public var user: UserID
    /// The user's name, as spelled at registration.
    public var name: String
    /// The device; a service always tells it.
    public var device: DeviceID?
    /// The token, only from `register` and `logIn`. Keep it as secret as the password.
    public var token: String?
    /// Microseconds since 1970 at which the token ends unless it is used again before.
    public var expiresAt: UInt64

    /// A session of these parts.
    public init(
        user: UserID, name: String, device: DeviceID? = nil, token: String?, expiresAt: UInt64
    ) {
        self.user = user
        self.name = name
        self.device = device
        self.token = token
        self.expiresAt = expiresAt
    }
}

/// A user as `findUser` found it.
public struct FoundUser: Hashable, Sendable {
    /// The user's id.
    public var user: UserID
    /// The name, as spelled at registration.
    public var name: String

    /// A user of these parts.
    public init(user: UserID, name: String) {
        self.user = user
        self.name = name
    }
}
