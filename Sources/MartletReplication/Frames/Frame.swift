import MartletStore

/// A frame as it travels: twelve bytes of header and the body; docs/protocol/replication.md.
package struct Frame: Sendable, Equatable {
    package static let headerSize = 12

    /// What the body is; numbers are the lane's own.
    package var type: UInt8
    package var body: [UInt8]

    package init(type: UInt8, body: [UInt8]) {
        self.type = type
        self.body = body
    }

    /// The bytes of the frame that is number `number`, counted from 0, of its lane's connection.
    ///
    /// - Precondition: the body is not longer than the lane takes.
    package func encoded(_ lane: FrameLane, number: UInt64) -> [UInt8] {
        precondition(body.count <= lane.bodyMax, "a body of \(body.count) bytes")
        var encoder = WireEncoder()
        encoder.put(UInt32(0))
        encoder.put(UInt32(body.count))
        encoder.put(type)
        encoder.put(UInt8(0))
        encoder.put(UInt16(0))
        var bytes = encoder.bytes
        bytes += body
        let checksum = Frame.checksum(bytes, lane, number: number)
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
        return bytes
    }

    /// Over all but the checksum itself, seeded with the lane and the frame's number.
    static func checksum(_ frame: [UInt8], _ lane: FrameLane, number: UInt64) -> UInt32 {
        frame.withUnsafeBytes {
            Checksum.crc32c(
                UnsafeRawBufferPointer(rebasing: $0[4...]),
                continuing: Checksum.seed(fileID: lane.rawValue, offset: number))
        }
    }
}
