package import NIOCore

/// Frames of the server: never masked, never fragmented.
package enum FrameEncoder {
    private static let room = 10

    /// A text message whose payload `body` writes. Share the buffer among sockets; never change it.
    package static func text(_ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        var json = JSONWriter()
        return text(with: &json, body)
    }

    /// As above, in the memory of `json`.
    static func text(
        with json: inout JSONWriter, _ body: (inout JSONWriter) -> Void
    ) -> ByteBuffer {
        json.begin(reserving: room)
        body(&json)
        var buffer = json.finish()
        buffer.moveReaderIndex(to: room)
        addHeader(opcode: 1, to: &buffer)
        return buffer
    }

    /// A whole message with this payload.
    package static func message(_ payload: ByteBuffer, isText: Bool) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: room + payload.readableBytes)
        buffer.writeRepeatingByte(0, count: room)
        buffer.moveReaderIndex(to: room)
        buffer.writeImmutableBuffer(payload)
        addHeader(opcode: isText ? 1 : 2, to: &buffer)
        return buffer
    }

    /// `content` is 125 bytes at most.
    package static func pong(_ content: ByteBuffer) -> ByteBuffer {
        control(opcode: 10, content)
    }

    package static func ping() -> ByteBuffer {
        control(opcode: 9, ByteBuffer())
    }

    package static func close(_ number: UInt16?, _ reason: String) -> ByteBuffer {
        var content = ByteBuffer()
        if let number {
            content.writeInteger(number)
            content.writeString(reason)
        }
        return control(opcode: 8, content)
    }

    private static func control(opcode: UInt8, _ content: ByteBuffer) -> ByteBuffer {
        var frame = ByteBufferAllocator().buffer(capacity: 2 + content.readableBytes)
        frame.writeInteger(0x80 | opcode)
        frame.writeInteger(UInt8(truncatingIfNeeded: content.readableBytes))
        frame.writeImmutableBuffer(content)
        return frame
    }

    /// Puts the header into the room left in front of the payload.
    private static func addHeader(opcode: UInt8, to buffer: inout ByteBuffer) {
        let length = buffer.readableBytes
        let start: Int
        if length < 126 {
            start = room - 2
            buffer.setInteger(UInt8(length), at: start + 1)
        } else if length < 65_536 {
            start = room - 4
            buffer.setInteger(UInt8(126), at: start + 1)
            buffer.setInteger(UInt16(length), at: start + 2)
        } else {
            start = room - 10
            buffer.setInteger(UInt8(127), at: start + 1)
            buffer.setInteger(UInt64(length), at: start + 2)
        }
        buffer.setInteger(0x80 | opcode, at: start)
        buffer.moveReaderIndex(to: start)
    }
}
