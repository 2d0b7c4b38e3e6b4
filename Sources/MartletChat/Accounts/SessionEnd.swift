/// A session that has ended before its time: no call accepts its token any more.
public struct SessionEnd: Hashable, Sendable {
    /// Why it has ended.
    public enum Cause: Hashable, Sendable {
        /// The token was logged out.
        case loggedOut
        /// The user ended the device, from this or another one.
        case revoked
        /// The user has logged in on more devices than may be, and this was unused for longest.
        case replaced
        /// The user has changed the password on another device.
        case passwordChanged
        /// An operator has disabled the account.
        case disabled
        /// The account is deleted.
        case deleted
    }

    /// Whose it was.
    public var user: UserID
    /// The device; `nil` for all of the user's.
    public var device: DeviceID?
    /// Why.
    public var cause: Cause

    /// An end of these parts.
    public init(user: UserID, device: DeviceID?, cause: Cause) {
        self.user = user
        self.device = device
        self.cause = cause
    }
}
