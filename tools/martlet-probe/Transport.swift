import MartletHarness

/// What a transport hands up.
enum Arrival {
    /// The connection is there; frames may be sent.
    case opened
    case frame(JSON)
    case closed
}

/// A way to a server for frames of the protocol. `poll(2)` says when to call it.
protocol Transport: AnyObject {
    /// The descriptors to watch.
    var descriptors: [Descriptor] { get }
    /// Sends one frame.
    func send(_ frame: JSON)
    /// Something may have arrived or can be written.
    func advance() throws -> [Arrival]
    func close()
}

/// A WebSocket without a library: whole frames, and pings answered.
final class SocketTransport: Transport {
    private let connection: Descriptor
    private var isUpgraded = false
    private var message: [UInt8] = []

    init(to server: Endpoint, source: UInt32) throws {
        connection = try Descriptor(to: server, source: source)
        let request = """
            GET /v1/socket HTTP/1.1\r
            Host: \(server)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r

            """
        connection.write(request.utf8)
    }

    var descriptors: [Descriptor] { [connection] }

    func close() { connection.close() }

    func send(_ frame: JSON) { send(opcode: 1, Array(frame.text().utf8)) }

    private func send(opcode: UInt8, _ payload: [UInt8]) {
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        }
        frame += mask
        frame += payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
        connection.write(frame)
    }

    func advance() throws -> [Arrival] {
        connection.flush()
        connection.fill()
        var arrivals: [Arrival] = []
        if !isUpgraded {
            guard let head = HTTPHead.take(from: &connection.incoming) else {
                return connection.isOpen ? [] : [.closed]
            }
            guard head.status == 101 else { return [.closed] }
            isUpgraded = true
            arrivals.append(.opened)
        }
        while let (isLast, opcode, payload) = takeFrame() {
            switch opcode {
            case 0, 1:
                message += payload
                guard isLast else { continue }
                arrivals.append(.frame(try JSON.parse(String(decoding: message, as: UTF8.self))))
                message.removeAll()
            case 8: connection.close()
            case 9: send(opcode: 10, payload)
            default: break
            }
        }
        if !connection.isOpen { arrivals.append(.closed) }
        return arrivals
    }

    private func takeFrame() -> (isLast: Bool, opcode: UInt8, payload: [UInt8])? {
        let bytes = connection.incoming
        guard bytes.count >= 2 else { return nil }
        var count = Int(bytes[1] & 0x7f)
        var start = 2
        if count >= 126 {
            start = count == 126 ? 4 : 10
            guard bytes.count >= start else { return nil }
            count = bytes[2..<start].reduce(0) { $0 << 8 | Int($1) }
        }
        guard bytes.count >= start + count else { return nil }
        connection.incoming.removeFirst(start + count)
        return (bytes[0] & 0x80 != 0, bytes[0] & 0x0f, Array(bytes[start..<start + count]))
    }
}

/// The first lines of an HTTP answer.
struct HTTPHead {
    var status: Int
    var contentLength: Int

    /// Takes the head off `bytes` if all of it is there.
    static func take(from bytes: inout [UInt8]) -> HTTPHead? {
        let end = Array("\r\n\r\n".utf8)
        guard let found = bytes.firstRange(of: end) else { return nil }
        let text = String(decoding: bytes[..<found.lowerBound], as: UTF8.self)
        bytes.removeFirst(found.upperBound)
        let lines = text.split(whereSeparator: \.isNewline)
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
        return HTTPHead(status: status ?? 0, contentLength: length ?? 0)
    }
}
