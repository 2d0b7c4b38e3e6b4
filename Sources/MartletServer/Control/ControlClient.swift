import Glibc

/// Asks a running server one thing over its control socket. Blocks.
package enum ControlClient {
    /// - Parameters:
    ///   - target: path and query, percent-encoded.
    ///   - seconds: how long the server may be silent.
    /// - Throws: `isNobodyThere` where no server listens at `path`.
    package static func ask(
        _ path: String, _ method: String, _ target: String, body: [UInt8] = [],
        seconds: Int = 3_600
    ) throws(ControlSocketError) -> ControlAnswer {
        let descriptor = try connect(path)
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let head =
            "\(method) \(target) HTTP/1.1\r\nHost: control\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        try write(Array(head.utf8) + body, to: descriptor, path)
        let bytes = try readAll(descriptor, path)
        guard let answer = parse(bytes) else {
            throw ControlSocketError("understand the answer", path, EPROTO)
        }
        return answer
    }

    private static func connect(_ path: String) throws(ControlSocketError) -> CInt {
        var address = try ControlSocket.address(path)
        let descriptor = socket(
            AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ControlSocketError("socket", path, errno) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let number = errno
            close(descriptor)
            throw ControlSocketError("connect", path, number)
        }
        return descriptor
    }

    private static func write(
        _ bytes: [UInt8], to descriptor: CInt, _ path: String
    ) throws(ControlSocketError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ControlSocketError("write", path, errno) }
            sent += count
        }
    }

    private static func readAll(
        _ descriptor: CInt, _ path: String
    ) throws(ControlSocketError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = chunk.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ControlSocketError("read", path, errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Status line, headers up to an empty line, and the body to the end.
    private static func parse(_ bytes: [UInt8]) -> ControlAnswer? {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: separator) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard let status else { return nil }
        let type = lines.first { $0.lowercased().hasPrefix("content-type:") }
        return ControlAnswer(
            status: status,
            contentType: type.map { String($0.dropFirst(13).drop { $0 == " " }) } ?? "",
            body: Array(bytes[end.upperBound...]))
    }
}
