/// A block of IP addresses, such as 10.0.0.0/8.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let base: [UInt8]
    private let bits: Int

    /// Reads an address, a `/` and the number of leading bits; without the latter two, the address
    /// alone. `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }), parts.count <= 2 else {
            return nil
        }
        let most = address.bytes.count * 8
        guard let bits = parts.count == 2 ? Int(parts[1]) : most, (0...most).contains(bits) else {
            return nil
        }
        self.bits = bits
        base = Self.mask(address.bytes, bits)
    }

    /// The range as it is written, the base masked.
    public var description: String { "\(IPAddress(bytes: base))/\(bits)" }

    func contains(_ address: IPAddress) -> Bool {
        address.bytes.count == base.count && Self.mask(address.bytes, bits) == base
    }

    private static func mask(_ bytes: [UInt8], _ bits: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(bits - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xff00 >> kept)
        }
    }
}
