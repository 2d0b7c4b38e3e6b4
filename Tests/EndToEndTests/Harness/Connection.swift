import Glibc
import MartletHarness

/// A TCP connection to this machine; a read that takes longer than ten seconds throws.
final class Connection {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    /// - Parameter receiveBytes: what the kernel keeps for this reader; nil for its own choice.
    init(port: UInt16, receiveBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBytes {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = Self.loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutableBytes(of: &address) { bytes in
            connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, size)
        }
        if code != 0 {
            // `deinit` closes: to do it here as well would close what others open in between.
            throw HarnessError("no connection to port \(port): \(String(cString: strerror(errno)))")
        }
    }

    deinit { Glibc.close(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(
                    descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count < 0 { throw HarnessError("write: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Exactly `count` bytes; throws when the connection ends before.
    func read(_ count: Int) throws -> [UInt8] {
        while pending.count < count {
            if try fill() == 0 { throw HarnessError("the connection ended") }
        }
        defer { pending.removeFirst(count) }
        return Array(pending.prefix(count))
    }

    /// Everything until the connection ends, cut or not.
    func readToEnd() -> [UInt8] {
        while let count = try? fill(), count > 0 {}
        defer { pending = [] }
        return pending
    }

    /// Whether the far end has closed. Does not wait; what has arrived stays to be read.
    var hasEnded: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// `POLLRDHUP`, which the C library shows to GNU programs only.
    private static let farEndCloses: Int16 = 0x2000

    /// Waits for the far end to close, some seconds.
    func waitForEnd() -> Bool {
        var watched = pollfd(fd: descriptor, events: Self.farEndCloses, revents: 0)
        return poll(&watched, 1, 20_000) == 1
    }

    /// Writes `start`, then a byte at a time until the far end closes or some seconds are over.
    /// - Returns: all that the far end said, or nil if it stayed.
    func trickle(_ start: [UInt8]) -> [UInt8]? {
        guard (try? write(start)) != nil else { return readToEnd() }
        for _ in 0..<400 {
            // What it says does not hide that it has closed.
            var bytes = [UInt8](repeating: 0, count: 1_024)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            if count > 0 { pending += bytes.prefix(count) }
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return pending }
            if (try? write([0x78])) == nil { return pending }
            // The next byte goes when nothing has come for a while.
            var answer = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&answer, 1, 25)
        }
        return nil
    }

    /// Sends a POST of JSON.
    func post(_ path: String, _ body: JSON, token: String?) throws {
        let text = body.text()
        let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        try write(
            Array(
                ("POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(authorization)"
                    + "Content-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n"
                    + "\r\n\(text)").utf8))
    }

    /// The answer to a POST of JSON.
    func readAnswer() throws -> (status: Int, answer: JSON) {
        let head = try readHead()
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let length =
            head.lowercased().split(separator: "\r\n")
            .first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        let body = String(decoding: try read(length), as: UTF8.self)
        return (status, try JSON.parse(body))
    }

    /// The text up to and including the empty line behind an HTTP head.
    func readHead() throws -> String {
        let end = Array("\r\n\r\n".utf8)
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual(end) { head += try read(1) }
        return String(decoding: head, as: UTF8.self)
    }

    private func fill() throws -> Int {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { throw HarnessError("read: \(String(cString: strerror(errno)))") }
        pending += buffer.prefix(count)
        return count
    }

    /// A port of the loopback interface that nobody listens on now.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        var address = loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            let bound = bind(descriptor, pointer, size)
            return bound == 0 ? getsockname(descriptor, pointer, &size) : bound
        }
        if code != 0 { throw HarnessError("no free port") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
