/// A user's id: 63 random bits, printed as 16 lower-case hex digits.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The number; the top bit is kept for groups.
    public let rawValue: UInt64

    /// The user with this number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// An id that no user has.
    static let nobody = UserID(rawValue: 0)

    /// Reads the printed form; `nil` for anything but exactly 16 lower-case hex digits.
    public init?(_ text: String) {
        guard let value = HexDigits.parse(text) else { return nil }
        rawValue = value
    }

    /// 16 lower-case hex digits.
    public var description: String { HexDigits.print(rawValue) }
}
