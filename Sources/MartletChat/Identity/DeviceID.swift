/// A device of a user: one login, until it ends. 64 random bits, not 0.
public struct DeviceID: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let rawValue: UInt64

    /// The device with this number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Reads the printed form; `nil` for anything but exactly 16 lower-case hex digits.
    public init?(_ text: String) {
        guard let value = HexDigits.parse(text) else { return nil }
        rawValue = value
    }

    /// 16 lower-case hex digits.
    public var description: String { HexDigits.print(rawValue) }
}
