/// MQTT 3.1.1 at QoS 1 both ways: each user subscribes to a topic of its own.
final class MQTTClient: ChatClient {
    private var packet: UInt16 = 0
    private var open: [UInt16: UInt64] = [:]
    /// A further topic to subscribe to.
    var group: Int?

    override func connected() {
        let name = "m\(user)"
        let output = reactor.output
        output.append([0x10, UInt8(12 + name.utf8.count), 0, 4])
        output.append("MQTT")
        // Level 4, a clean session, no keep-alive.
        output.append([4, 2, 0, 0, 0, UInt8(name.utf8.count)])
        output.append(name)
    }

    private func subscribe() {
        let topics = ["u/\(user)"] + (group.map { ["g/\($0)"] } ?? [])
        let output = reactor.output
        let bytes = topics.reduce(2) { $0 + 3 + $1.utf8.count }
        output.append([0x82, UInt8(bytes), 0, 1])
        for topic in topics {
            output.append(big: UInt16(topic.utf8.count))
            output.append(topic)
            output.append(byte: 1)
        }
    }

    override func send(_ index: UInt64, to target: Target, _ body: MessageBody) {
        packet = packet == .max ? 2 : max(2, packet + 1)
        open[packet] = index
        let topic =
            switch target {
            case .user(let peer): "u/\(peer)"
            case .group(let group): "g/\(group)"
            }
        let output = reactor.output
        let content = body.count
        output.append(byte: 0x32)
        var length = 2 + topic.utf8.count + 2 + content
        repeat {
            output.append(byte: UInt8(length & 127) | (length > 127 ? 128 : 0))
            length >>= 7
        } while length > 0
        output.append(big: UInt16(topic.utf8.count))
        output.append(topic)
        output.append(big: packet)
        body.append(index, to: output)
        flush()
    }

    override func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while offset + 2 <= bytes.count {
            var length = 0
            var shift = 0
            var start = offset + 1
            while true {
                guard start < bytes.count else { return offset }
                length |= Int(bytes[start] & 127) << shift
                shift += 7
                start += 1
                if bytes[start - 1] < 128 { break }
            }
            guard start + length <= bytes.count else { return offset }
            let body = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
            receive(bytes[offset], body)
            offset = start + length
        }
        return offset
    }

    private func receive(_ type: UInt8, _ body: UnsafeRawBufferPointer) {
        switch type & 0xF0 {
        case 0x20:
            if body.count == 2, body[1] == 0 {
                subscribe()
            } else {
                listener?.refused("CONNECT", by: self)
            }
        case 0x90:
            becomeReady()
        case 0x40 where body.count >= 2:
            let packet = UInt16(body[0]) << 8 | UInt16(body[1])
            if let index = open.removeValue(forKey: packet) {
                listener?.acknowledged(index, at: reactor.now)
            }
        case 0x30 where body.count >= 4:
            let name = Int(body[0]) << 8 | Int(body[1])
            guard 4 + name <= body.count else { return }
            reactor.output.append([0x40, 2, body[2 + name], body[3 + name]])
            if let index = body.hex(at: 4 + name) {
                listener?.delivered(index, to: self, at: reactor.now)
            }
        default:
            break
        }
    }
}
