import MartletHarness

/// The client's half of RFC 6455, as small as tests need it: whole messages, and pings answered.
final class WebSocket {
    /// What arrived: a text message, or the end with its close code (1006: none was sent).
    enum Arrival: Equatable {
        case text(String)
        case close(UInt16)
    }

    private let connection: Connection

    /// - Parameter receiveBytes: see `Connection`.
    init(
        port: UInt16, path: String = "/v1/socket", receiveBytes: Int32? = nil
    ) throws {
        connection = try Connection(port: port, receiveBytes: receiveBytes)
        let request = """
            GET \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r

            """
        try connection.write(Array(request.utf8))
        let head = try connection.readHead()
        // The answer to this key is the example of RFC 6455, section 1.3.
        let isAccepted = head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        if !head.hasPrefix("HTTP/1.1 101") || !isAccepted {
            throw HarnessError("no upgrade: \(head)")
        }
    }

    func send(_ text: String) throws { try send(opcode: 1, Array(text.utf8)) }

    /// Sends one whole, masked frame, in pieces of so many bytes.
    func send(opcode: UInt8, _ payload: [UInt8], pieces: Int = .max) throws {
        var rest = Self.frame(0x80 | opcode, payload)[...]
        while !rest.isEmpty {
            try connection.write(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
    }

    /// Sends a text as one frame for each byte.
    func sendFragmented(_ text: String) throws {
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            try connection.write(
                Self.frame((isLast ? 0x80 : 0) | (index == 0 ? 1 : 0), [byte]))
        }
    }

    /// Begins a text of 60,000 bytes and sends it a byte at a time until the server closes.
    /// - Returns: the close code, or nil if the server stayed or said none.
    func trickle() -> UInt16? {
        guard let said = connection.trickle([0x81, 0xFE, 0xEA, 0x60, 0, 0, 0, 0]),
            let close = said.firstIndex(of: 0x88), close + 3 < said.count
        else { return nil }
        return UInt16(said[close + 2]) << 8 | UInt16(said[close + 3])
    }

    /// Everything until the connection ends.
    func readToEnd() -> [UInt8] { connection.readToEnd() }

    private static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        var frame = [first]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else if payload.count <= 0xffff {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        } else {
            frame.append(0x80 | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        frame += mask
        frame += payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
        return frame
    }

    /// Waits for the next message. Pings are answered on the way.
    func receive() throws -> Arrival {
        var message: [UInt8] = []
        while true {
            guard let (isLast, opcode, payload) = try? frame() else { return .close(1006) }
            switch opcode {
            case 0, 1:
                message += payload
                if isLast { return .text(String(decoding: message, as: UTF8.self)) }
            case 8:
                try? send(opcode: 8, payload)
                if payload.count < 2 { return .close(1005) }
                return .close(UInt16(payload[0]) << 8 | UInt16(payload[1]))
            case 9: try send(opcode: 10, payload)
            case 10: break
            default: throw HarnessError("opcode \(opcode)")
            }
        }
    }

    private func frame() throws -> (isLast: Bool, opcode: UInt8, payload: [UInt8]) {
        let head = try connection.read(2)
        var count = Int(head[1] & 0x7f)
        if head[1] & 0x80 != 0 { throw HarnessError("a server must not mask") }
        if count >= 126 {
            count = try connection.read(count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return (head[0] & 0x80 != 0, head[0] & 0x0f, try connection.read(count))
    }
}
