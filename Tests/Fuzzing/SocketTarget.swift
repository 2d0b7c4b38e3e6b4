import MartletServer
import NIOCore

extension FuzzTarget {
    /// The first byte says how many come at a time. In whatever pieces they come, the events are
    /// the same, and no more than a header or a control frame is left for later.
    static let socket = FuzzTarget(
        name: "socket", summary: "bytes of a WebSocket: frames, fragments, control frames",
        lengthMax: 2_048,
        seeds: {
            let texts = chatFrames.prefix(6).map { frame(0x81, Array($0.utf8)) }
            let fragments = frame(0x01, [0x68]) + frame(0x89, [1, 2]) + frame(0x80, [0x69])
            let long = frame(0x82, [UInt8](repeating: 7, count: 300))
            let end = frame(0x8a, []) + frame(0x88, [0x03, 0xe8])
            return (texts + [fragments, long, texts.flatMap { $0 } + fragments + end]).map {
                [5] + $0
            }
        },
        finding: { bytes in
            guard let piece = bytes.first else { return nil }
            let whole = events(bytes.dropFirst(), piece: bytes.count)
            let parts = events(bytes.dropFirst(), piece: Int(piece) + 1)
            if whole.left > 131 || parts.left > 131 { return "\(parts.left) bytes are left" }
            guard whole.events == parts.events else {
                return "whole it is \(whole.events), in pieces \(parts.events)"
            }
            for case .text(let text) in whole.events {
                if let finding = chat.finding(Array(text.readableBytesView)) { return finding }
            }
            return nil
        })

    private static func events(
        _ bytes: ArraySlice<UInt8>, piece: Int
    ) -> (events: [MessageReader.Event], left: Int) {
        var reader = MessageReader(maxBytes: 256, maxDiscarded: 1_024, maxFragments: 8)
        var input = ByteBuffer()
        var events: [MessageReader.Event] = []
        var left = 0
        var rest = bytes
        while !rest.isEmpty {
            input.writeBytes(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            while let event = reader.next(from: &input) { events.append(event) }
            left = max(left, input.readableBytes)
            input.discardReadBytes()
        }
        return (events, left)
    }

    /// A client's frame, masked.
    private static func frame(_ head: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [7, 0xa5, 3, 0xff]
        let length: [UInt8] =
            payload.count < 126
            ? [0x80 | UInt8(payload.count)]
            : [0xfe, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        return [head] + length + mask
            + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }
}
