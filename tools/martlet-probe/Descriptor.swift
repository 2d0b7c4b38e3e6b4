import Glibc
import MartletHarness

/// An address of IPv4 and a port.
struct Endpoint: Hashable, CustomStringConvertible {
    var host: UInt32
    var port: UInt16

    static let loopback: UInt32 = 0x7f00_0001

    var hostText: String {
        [24, 16, 8, 0].map { String(host >> UInt32($0) & 0xff) }.joined(separator: ".")
    }
    var description: String { "\(hostText):\(port)" }
}

/// A TCP connection that never blocks: what cannot be written waits.
final class Descriptor {
    let number: Int32
    private var outgoing: [UInt8] = []
    /// What has arrived and is not taken yet.
    var incoming: [UInt8] = []
    private(set) var isOpen = true

    /// Begins to connect; what is written meanwhile goes off afterwards.
    ///
    /// - Parameter source: the address to come from, so that limits per address meet clients as
    ///   they would meet different machines.
    init(to server: Endpoint, source: UInt32) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        if number < 0 { throw HarnessError("no socket: \(Self.reason)") }
        var yes: Int32 = 1
        setsockopt(
            number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = Self.with(address: source, port: 0) { bind(number, $0, $1) }
        let code = Self.with(address: server.host, port: server.port) { connect(number, $0, $1) }
        if bound != 0 || (code != 0 && errno != EINPROGRESS) {
            let reason = Self.reason
            Glibc.close(number)
            isOpen = false
            throw HarnessError("no connection: \(reason)")
        }
    }

    deinit { close() }

    func close() {
        if isOpen { Glibc.close(number) }
        isOpen = false
    }

    var waitsToWrite: Bool { !outgoing.isEmpty }

    func write(_ bytes: some Sequence<UInt8>) {
        outgoing += bytes
        flush()
    }

    /// Writes what the kernel takes.
    func flush() {
        while isOpen, !outgoing.isEmpty {
            let count = outgoing.withUnsafeBytes {
                send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                outgoing.removeFirst(count)
            } else if errno == EAGAIN || errno == ENOTCONN {
                return
            } else {
                return close()
            }
        }
    }

    /// Takes what has arrived; closes at the end of the stream.
    func fill() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while isOpen {
            let count = recv(number, &buffer, buffer.count, 0)
            if count > 0 {
                incoming += buffer.prefix(count)
            } else if count < 0, errno == EAGAIN || errno == ENOTCONN {
                return
            } else {
                return close()
            }
        }
    }

    /// A port of the loopback interface that nobody listens on now.
    static func freePort() throws -> UInt16 {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(number) }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = with(address: Endpoint.loopback, port: 0) { bind(number, $0, $1) }
        let named = withUnsafeMutableBytes(of: &address) { bytes in
            getsockname(
                number, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
        }
        if bound != 0 || named != 0 { throw HarnessError("no free port: \(reason)") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private static func with(
        address: UInt32, port: UInt16,
        _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
    ) -> Int32 {
        var value = sockaddr_in()
        value.sin_family = sa_family_t(AF_INET)
        value.sin_port = port.bigEndian
        value.sin_addr.s_addr = address.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeBytes(of: &value) { bytes in
            body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, size)
        }
    }
}
