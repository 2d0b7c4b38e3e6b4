import MartletStore

/// Why bytes are no frame. The connection that sent them is closed.
package enum FrameFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// A frame says that it has so many bytes.
    case tooLong(UInt32)
    case empty
    case checksum
    /// A frame's body ends before its last field, or goes on behind it.
    case body
    case unknownType(UInt8)

    package var description: String {
        switch self {
        case .tooLong(let count): "a frame of \(count) bytes is too long"
        case .empty: "a frame without a type"
        case .checksum: "a frame's checksum does not match"
        case .body: "a frame's body is too short or too long"
        case .unknownType(let type): "a frame of the unknown type \(type)"
        }
    }
}

/// Builds a frame: little-endian numbers, byte strings behind a u32 length.
package struct FrameWriter {
    /// Bytes before a frame's type: length and checksum.
    package static let headSize = 8
    /// Frames of daemons have at most so many bytes behind their head, the server's so many.
    package static let daemonMax = 256 << 10
    package static let serverMax = 8 << 20

    private var body: [UInt8]

    package init(type: UInt8) { body = [type] }

    package mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { body.append(contentsOf: $0) }
    }

    package mutating func put(_ bytes: [UInt8]) {
        put(UInt32(clamping: bytes.count))
        body += bytes
    }

    package mutating func put(_ text: String) { put(Array(text.utf8)) }

    /// Length, checksum over the length and what follows the head, and that.
    package func frame() -> [UInt8] {
        var length: [UInt8] = []
        withUnsafeBytes(of: UInt32(clamping: body.count).littleEndian) {
            length.append(contentsOf: $0)
        }
        let crc = FrameWriter.checksum(length, body)
        return length + withUnsafeBytes(of: crc.littleEndian) { Array($0) } + body
    }

    static func checksum(_ length: [UInt8], _ body: [UInt8]) -> UInt32 {
        let first = length.withUnsafeBytes { Checksum.crc32c($0) }
        return body.withUnsafeBytes { Checksum.crc32c($0, continuing: first) }
    }
}

/// Takes a frame's body apart; every read checks that the bytes are there.
package struct FrameBody {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    package mutating func take(_ count: Int) throws(FrameFault) -> [UInt8] {
        guard count <= rest.count else { throw .body }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    package mutating func number<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(FrameFault) -> Number {
        var value: Number = 0
        for (index, byte) in try take(MemoryLayout<Number>.size).enumerated() {
            value |= Number(truncatingIfNeeded: UInt64(byte) << UInt64(8 * index))
        }
        return value
    }

    package mutating func bytes() throws(FrameFault) -> [UInt8] {
        try take(Int(try number(UInt32.self)))
    }

    package mutating func text(max: Int = 1 << 10) throws(FrameFault) -> String {
        let bytes = try bytes()
        guard bytes.count <= max, let text = String(validating: bytes, as: UTF8.self) else {
            throw .body
        }
        return text
    }

    package func end() throws(FrameFault) {
        guard rest.isEmpty else { throw .body }
    }
}

/// Puts frames together from bytes as they come. Holds at most one frame's bytes beside what was
/// read last; a length over the bound is refused before its bytes are waited for.
package struct FrameReader {
    private var buffer: [UInt8] = []
    private var start = 0
    private let max: Int

    package init(max: Int) { self.max = max }

    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame's type and body; `nil` if more bytes are needed.
    package mutating func next() throws(FrameFault) -> (type: UInt8, body: FrameBody)? {
        guard buffer.count - start >= FrameWriter.headSize else { return nil }
        var head = FrameBody(buffer[start..<start + FrameWriter.headSize])
        let length = try head.number(UInt32.self)
        let checksum = try head.number(UInt32.self)
        guard length <= max else { throw .tooLong(length) }
        guard length > 0 else { throw .empty }
        let end = start + FrameWriter.headSize + Int(length)
        guard buffer.count >= end else { return nil }
        let body = buffer[(start + FrameWriter.headSize)..<end]
        guard FrameWriter.checksum(Array(buffer[start..<start + 4]), Array(body)) == checksum else {
            throw .checksum
        }
        start = end
        return (body[body.startIndex], FrameBody(body.dropFirst()))
    }
}
