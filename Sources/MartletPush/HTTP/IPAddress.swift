import Glibc

/// An IP address as its bytes: 4 or 16.
struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads four decimal parts, or IPv6's form without zone and brackets.
    init?(_ text: String) {
        var storage = [UInt8](repeating: 0, count: 16)
        let isSix = text.utf8.contains(UInt8(ascii: ":"))
        guard inet_pton(isSix ? AF_INET6 : AF_INET, text, &storage) == 1 else { return nil }
        bytes = isSix ? storage : Array(storage.prefix(4))
    }

    /// The address of a resolved name; `nil` for other families.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch CInt(address.pointee.sa_family) {
        case AF_INET:
            bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
            }
        default: return nil
        }
    }

    var isSix: Bool { bytes.count == 16 }

    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes {
            inet_ntop(isSix ? AF_INET6 : AF_INET, $0.baseAddress, &text, socklen_t(text.count))
        }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
