/// A conversation as one user names it: for a one-to-one conversation, the peer's user id. The two
/// sides therefore name the same conversation differently.
public struct ConversationID: Hashable, Sendable, CustomStringConvertible {
    /// The number; the top bit is kept for groups.
    public let rawValue: UInt64

    /// The conversation with this number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The one-to-one conversation with `peer`.
    public init(with peer: UserID) {
        rawValue = peer.rawValue
    }

    /// Reads the printed form; `nil` for anything but exactly 16 lower-case hex digits.
    public init?(_ text: String) {
        guard let value = HexDigits.parse(text) else { return nil }
        rawValue = value
    }

    /// The group with these 63 random bits.
    init(group bits: UInt64) {
        rawValue = bits | Self.groupBit
    }

    private static let groupBit: UInt64 = 1 << 63

    /// Whether it is a group.
    public var isGroup: Bool { rawValue & Self.groupBit != 0 }

    /// The other side of a one-to-one conversation.
    public var peer: UserID { UserID(rawValue: rawValue) }

    /// 16 lower-case hex digits.
    public var description: String { HexDigits.print(rawValue) }
}
