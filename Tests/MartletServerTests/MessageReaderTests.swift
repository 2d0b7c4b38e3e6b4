import MartletChat
import MartletServer
import NIOCore
import Testing

/// A client's frame, masked.
func clientFrame(
    _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, mask: [UInt8] = [7, 0xA5, 3, 0xFF]
) -> [UInt8] {
    var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
    switch payload.count {
    case 0..<126:
        frame.append(0x80 | UInt8(payload.count))
    case 126..<65_536:
        frame += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
        frame.append(0xFF)
        frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
    }
    frame += mask
    frame += payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    return frame
}

func clientText(_ text: String) -> [UInt8] { clientFrame(1, Array(text.utf8)) }

@Suite struct MessageReaderTests {
    /// Reads `bytes` in pieces of `size`.
    private func events(_ bytes: [UInt8], size: Int = .max) -> [MessageReader.Event] {
        var reader = MessageReader()
        var input = ByteBuffer()
        var events: [MessageReader.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            input.writeBytes(rest.prefix(size))
            rest = rest.dropFirst(size)
            while let event = reader.next(from: &input) { events.append(event) }
            #expect(input.readableBytes <= 131)
        }
        return events
    }

    @Test("messages read the same in pieces of any size")
    func pieces() {
        let payload = (0..<300).map { UInt8($0 % 251) }
        let bytes =
            clientText("hello") + clientFrame(9, [1, 2, 3]) + clientFrame(1, payload)
            + clientFrame(2, [1]) + clientFrame(1, []) + clientFrame(8, [0x03, 0xE8])
        let expected: [MessageReader.Event] = [
            .text(ByteBuffer(string: "hello")), .ping(ByteBuffer(bytes: [1, 2, 3])),
            .text(ByteBuffer(bytes: payload)), .binary(ByteBuffer()), .text(ByteBuffer()),
            .close(1000),
        ]
        for size in [1, 2, 3, 5, 7, 8, 13, 64, 1024] {
            #expect(events(bytes, size: size) == expected)
        }
    }

    @Test("fragments are put together, with control frames in between")
    func fragments() {
        let bytes =
            clientFrame(1, Array("he".utf8), isFinal: false) + clientFrame(9, [])
            + clientFrame(0, Array("ll".utf8), isFinal: false) + clientFrame(0, Array("o".utf8))
        #expect(events(bytes) == [.ping(ByteBuffer()), .text(ByteBuffer(string: "hello"))])
    }

    @Test("a message over the limit is thrown away, and the next one is read")
    func oversized() {
        let next = clientText("next")
        let whole = clientFrame(1, [UInt8](repeating: 0x78, count: 65_537))
        #expect(
            events(whole + next, size: 1000) == [.oversized, .text(ByteBuffer(string: "next"))])
        let half = [UInt8](repeating: 0x78, count: 40_000)
        let parts = clientFrame(1, half, isFinal: false) + clientFrame(0, half)
        #expect(events(parts + next) == [.oversized, .text(ByteBuffer(string: "next"))])
        let fits = clientFrame(1, [UInt8](repeating: 0x78, count: 65_536))
        #expect(events(fits).first != .oversized)
    }

    @Test("endless tiny fragments are a message over the limit")
    func manyFragments() {
        var bytes = clientFrame(1, [], isFinal: false)
        for _ in 0..<5000 { bytes += clientFrame(0, [], isFinal: false) }
        #expect(events(bytes + clientFrame(0, [])) == [.oversized])
    }

    @Test("a length no client means closes with 1009 before any of it is read")
    func absurd() {
        let head: [UInt8] = [0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]
        #expect(events(head) == [.fault(.tooLong)])
    }

    @Test(
        "broken framing is a fault",
        arguments: [
            [0x81, 0x02, 0x68, 0x69],  // unmasked
            [0xC1, 0x80, 0, 0, 0, 0],  // reserved bit
            [0x83, 0x80, 0, 0, 0, 0],  // reserved opcode
            [0x8B, 0x80, 0, 0, 0, 0],  // reserved control opcode
            [0x09, 0x80, 0, 0, 0, 0],  // fragmented ping
            [0x89, 0xFE, 0, 126, 0, 0, 0, 0],  // ping over 125 bytes
            [0x80, 0x80, 0, 0, 0, 0],  // continuation without a start
            [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0],  // start inside a message
            [0x88, 0x81, 0, 0, 0, 0, 3],  // close with one byte
            [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED],  // close code 1005
        ] as [[UInt8]])
    func faults(_ bytes: [UInt8]) {
        #expect(events(bytes).last == .fault(.framing))
        #expect(events(bytes + clientText("x")).last == .fault(.framing))
    }

    @Test("random bytes never trap and never gather more than the limit")
    func fuzz() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 40)
        }
        for _ in 0..<2000 {
            let bytes = (0..<200).map { index in
                index % 9 == 0 ? [0x81, 0x01, 0x00, 0x89][Int(next() & 3)] : next()
            }
            for event in events(bytes, size: 1 + Int(next() & 31)) {
                if case .text(let text) = event {
                    #expect(text.readableBytes <= 200, "seed \(seed)")
                }
            }
        }
    }
}
