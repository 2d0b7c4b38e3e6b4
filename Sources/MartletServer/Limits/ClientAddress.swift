package import NIOCore

/// The address of a connection's far end, as limits count it and logs show it.
package struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
    /// The 128 bits of IPv6; IPv4 as `::ffff:a.b.c.d`. All zero: unknown.
    private var high: UInt64
    private var low: UInt64

    private static let mapped: UInt64 = 0xFFFF_0000_0000

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    private init(ipv4: UInt32) {
        self.init(high: 0, low: Self.mapped | UInt64(ipv4))
    }

    /// Of a channel's far end; unknown for a Unix socket.
    package init(_ address: SocketAddress?) {
        // Where the kernel's `sockaddr_in` and `sockaddr_in6` have the address, in network order.
        switch address {
        case .v4(let ipv4):
            self.init(ipv4: UInt32(bigEndian: Self.load(ipv4.address, at: 4)))
        case .v6(let ipv6):
            self.init(
                high: UInt64(bigEndian: Self.load(ipv6.address, at: 8)),
                low: UInt64(bigEndian: Self.load(ipv6.address, at: 16)))
        default:
            self.init(high: 0, low: 0)
        }
    }

    private static func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ address: some Any, at offset: Int
    ) -> Number {
        withUnsafeBytes(of: address) { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }

    /// An address as text, without a port. Nil if it is none.
    package init?(_ text: some StringProtocol) {
        guard let address = try? SocketAddress(ipAddress: String(text), port: 0) else { return nil }
        self.init(address)
    }

    private var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// What limits count by: an IPv4 address, or a /64 network of IPv6, which is what one customer
    /// of a provider has.
    package var key: UInt64 { isIPv4 ? low : high }

    /// Whether only this machine can have it.
    package var isLoopback: Bool {
        isIPv4 ? (low >> 24) & 0xFF == 127 : high == 0 && low == 1
    }

    package var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String(low >> $0 & 0xFF) }.joined(separator: ".")
        }
        if high == 0 && low == 0 { return "unknown" }
        let parts = [high, low].flatMap { half in
            [48, 32, 16, 0].map { String(half >> $0 & 0xFFFF, radix: 16) }
        }
        return parts.joined(separator: ":")
    }
}
