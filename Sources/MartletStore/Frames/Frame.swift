/// A frame of a protocol: what it is, and the fields that its type has.
package struct Frame: Sendable, Equatable {
    /// What the body is; numbers are the protocol's own.
    package var type: UInt8
    package var body: [UInt8]

    package init(type: UInt8, body: [UInt8]) {
        self.type = type
        self.body = body
    }

    /// The frame as it travels, as number `number` of its connection, counted from 0.
    package func encoded(_ format: FrameFormat, number: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(format.headSize + body.count)
        bytes += repeatElement(0, count: format.headSize)
        bytes[FrameFormat.typeAt] = type
        bytes += body
        func put(_ number: UInt32, at place: Int) {
            withUnsafeBytes(of: number.littleEndian) {
                bytes.replaceSubrange(place..<place + 4, with: $0)
            }
        }
        put(UInt32(clamping: bytes.count - format.uncounted), at: format.countAt)
        put(format.checksum(bytes[...], number: number), at: format.checksumAt)
        return bytes
    }
}

/// What stands before a frame's body: a count of bytes and a checksum over all of the frame but
/// itself, u32 both, in either order; then the type, and zeros up to the head's size.
package struct FrameFormat: Sendable {
    static let typeAt = 8

    /// Bytes before the body.
    package let headSize: Int
    /// How many of them the count leaves out.
    package let uncounted: Int
    /// The greatest count.
    package let countMax: Int
    package let countAt: Int
    package let checksumAt: Int
    /// What checksums are seeded with, beside the frame's number; `nil` where they are not.
    let lane: UInt64?

    /// Checksum, count of the body, type and three zeros. The checksum is bound to `lane` and to
    /// the frame's place, so that no other frame verifies in it.
    package init(lane: UInt64, bodyMax: Int) {
        (headSize, uncounted, countMax) = (12, 12, bodyMax)
        (checksumAt, countAt) = (0, 4)
        self.lane = lane
    }

    /// Count of type and body, checksum, type.
    package init(countMax: Int) {
        (headSize, uncounted, self.countMax) = (9, 8, countMax)
        (countAt, checksumAt) = (0, 4)
        lane = nil
    }

    package func checksum(_ frame: ArraySlice<UInt8>, number: UInt64) -> UInt32 {
        let seed = lane.map { Checksum.seed(fileID: $0, offset: number) } ?? 0
        return frame.withUnsafeBytes {
            let before = UnsafeRawBufferPointer(rebasing: $0[..<checksumAt])
            let behind = UnsafeRawBufferPointer(rebasing: $0[(checksumAt + 4)...])
            let first = Checksum.crc32c(before, continuing: seed)
            return Checksum.crc32c(behind, continuing: first)
        }
    }
}
