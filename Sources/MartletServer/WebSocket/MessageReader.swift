package import NIOCore

/// Cuts a client's bytes into WebSocket messages (RFC 6455 section 5), with bounds. No I/O.
///
/// A payload is unmasked and gathered as it arrives, so that nothing but a frame header (14 bytes)
/// or a control frame (131 bytes) is ever left in the input for later.
package struct MessageReader {
    package enum Event: Equatable {
        case text(ByteBuffer)
        /// With its payload only if the reader keeps those.
        case binary(ByteBuffer)
        /// A message over the limit; its payload is gone.
        case oversized
        case ping(ByteBuffer)
        case pong
        /// The peer's close code, if it sent one.
        case close(UInt16?)
        /// The connection cannot go on.
        case fault(CloseCode)
    }

    private struct Payload {
        var left: Int
        var mask: UInt32
        var isFinal: Bool
    }

    private let maxBytes: Int
    private let maxDiscarded: Int
    private let maxFragments: Int
    private let keepsBinary: Bool
    /// The frame whose payload is being read.
    private var payload: Payload?
    /// The message being put together; nil between messages.
    private var message: ByteBuffer?
    private var isText = false
    private var isDiscarding = false
    private var length = 0
    private var fragments = 0
    private var isFinished = false

    /// Whether a message has begun and is not complete. A header that is cut is still in the input.
    package var isInside: Bool { message != nil }

    package init(
        maxBytes: Int = ProtocolLimits.frameBytes,
        maxDiscarded: Int = ProtocolLimits.discardedBytes,
        maxFragments: Int = 4096, keepsBinary: Bool = false
    ) {
        self.maxBytes = maxBytes
        self.maxDiscarded = maxDiscarded
        self.maxFragments = maxFragments
        self.keepsBinary = keepsBinary
    }

    /// For conformance suites: messages of up to 16 MiB, binary ones too, in any number of pieces.
    static func forEcho() -> MessageReader {
        MessageReader(
            maxBytes: ProtocolLimits.discardedBytes, maxFragments: .max, keepsBinary: true)
    }

    /// Takes bytes from `input` up to the next event; nil when more bytes are needed.
    package mutating func next(from input: inout ByteBuffer) -> Event? {
        while !isFinished {
            if payload != nil {
                if let event = readPayload(from: &input) { return event }
                if payload != nil { return nil }
            } else {
                switch readHeader(from: &input) {
                case .needsMore: return nil
                case .started: continue
                case .event(let event): return event
                }
            }
        }
        input.moveReaderIndex(to: input.writerIndex)
        return nil
    }

    private enum HeaderResult {
        case needsMore, started
        case event(Event)
    }

    private mutating func fault(_ code: CloseCode) -> HeaderResult {
        isFinished = true
        return .event(.fault(code))
    }

    private mutating func readHeader(from input: inout ByteBuffer) -> HeaderResult {
        let start = input.readerIndex
        guard let first = input.getInteger(at: start, as: UInt8.self),
            let second = input.getInteger(at: start + 1, as: UInt8.self)
        else { return .needsMore }
        let opcode = first & 0x0F
        let isFinal = first & 0x80 != 0
        let isControl = opcode & 0x08 != 0
        guard first & 0x70 == 0, second & 0x80 != 0, opcode <= 2 || 8...10 ~= opcode,
            !isControl || (isFinal && second & 0x7F <= 125)
        else { return fault(.framing) }
        var length = UInt64(second & 0x7F)
        var headerBytes = 2
        if length == 126 {
            guard let wide = input.getInteger(at: start + 2, as: UInt16.self) else {
                return .needsMore
            }
            length = UInt64(wide)
            headerBytes = 4
        } else if length == 127 {
            guard let wide = input.getInteger(at: start + 2, as: UInt64.self) else {
                return .needsMore
            }
            if wide >> 63 != 0 { return fault(.framing) }
            length = wide
            headerBytes = 10
        }
        guard let mask = input.getInteger(at: start + headerBytes, as: UInt32.self) else {
            return .needsMore
        }
        headerBytes += 4
        if isControl {
            return readControl(opcode, headerBytes, Int(length), mask, from: &input)
        }
        if (opcode == 0) != (message != nil) { return fault(.framing) }
        let total = UInt64(self.length) + length
        if total > UInt64(maxDiscarded) { return fault(.tooLong) }
        input.moveReaderIndex(forwardBy: headerBytes)
        if opcode != 0 {
            message = ByteBuffer()
            isText = opcode == 1
        }
        self.length = Int(total)
        fragments += 1
        if self.length > maxBytes || fragments > maxFragments
            || !(isText || keepsBinary)
        {
            isDiscarding = true
            message = ByteBuffer()
        }
        payload = Payload(left: Int(length), mask: mask, isFinal: isFinal)
        return .started
    }

    private mutating func readControl(
        _ opcode: UInt8, _ headerBytes: Int, _ length: Int, _ mask: UInt32,
        from input: inout ByteBuffer
    ) -> HeaderResult {
        guard input.readableBytes >= headerBytes + length else { return .needsMore }
        input.moveReaderIndex(forwardBy: headerBytes)
        var content = ByteBuffer()
        Masking.move(length, from: &input, to: &content, mask: mask)
        switch opcode {
        case 9: return .event(.ping(content))
        case 10: return .event(.pong)
        default: break
        }
        isFinished = true
        if content.readableBytes == 0 { return .event(.close(nil)) }
        guard let code = content.readInteger(as: UInt16.self), Self.isValid(closeCode: code) else {
            return .event(.fault(.framing))
        }
        let isUTF8 = content.withUnsafeReadableBytes { UTF8Check.firstInvalid(in: $0) == nil }
        return .event(isUTF8 ? .close(code) : .fault(.notUTF8))
    }

    private static func isValid(closeCode: UInt16) -> Bool {
        switch closeCode {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    private mutating func readPayload(from input: inout ByteBuffer) -> Event? {
        guard var frame = payload else { return nil }
        let count = min(frame.left, input.readableBytes)
        if isDiscarding {
            input.moveReaderIndex(forwardBy: count)
        } else if count > 0 {
            var gathered = message ?? ByteBuffer()
            message = nil  // so that the storage is not shared while it is appended to
            Masking.move(count, from: &input, to: &gathered, mask: frame.mask)
            message = gathered
            frame.mask = Masking.rotated(frame.mask, by: count)
        }
        frame.left -= count
        if frame.left > 0 {
            payload = frame
            return nil
        }
        payload = nil
        return frame.isFinal ? finishMessage() : nil
    }

    private mutating func finishMessage() -> Event {
        defer {
            message = nil
            length = 0
            fragments = 0
            isDiscarding = false
        }
        if length > maxBytes || fragments > maxFragments { return .oversized }
        return isText ? .text(message ?? ByteBuffer()) : .binary(message ?? ByteBuffer())
    }
}
