/// Puts frames together out of the bytes of one lane, in order.
///
/// Holds at most one frame's bytes and what was last given beside it. After an error it gives the
/// same error for good.
package struct FrameReader: Sendable {
    private let lane: FrameLane
    private var buffer: [UInt8] = []
    private var start = 0
    private var number: UInt64 = 0
    private var failure: FrameError?

    package init(_ lane: FrameLane) { self.lane = lane }

    /// Bytes that wait for the rest of their frame.
    package var waitingBytes: Int { buffer.count - start }

    /// Takes what has arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        guard failure == nil else { return }
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame; `nil` until its last byte has arrived.
    package mutating func next() throws(FrameError) -> Frame? {
        if let failure { throw failure }
        do throws(FrameError) {
            return try take()
        } catch {
            failure = error
            buffer = []
            start = 0
            throw error
        }
    }

    private mutating func take() throws(FrameError) -> Frame? {
        guard waitingBytes >= Frame.headerSize else { return nil }
        var header = WireDecoder(buffer[start..<start + Frame.headerSize])
        let checksum = try header.number(UInt32.self)
        let count = Int(try header.number(UInt32.self))
        let type = try header.number(UInt8.self)
        guard count <= lane.bodyMax else {
            throw FrameError(.oversized, "a body of \(count) bytes, \(lane.bodyMax) at most")
        }
        let end = start + Frame.headerSize + count
        guard buffer.count >= end else { return nil }
        let frame = Array(buffer[start..<end])
        guard Frame.checksum(frame, lane, number: number) == checksum else {
            throw FrameError(.checksum, "frame \(number) does not verify")
        }
        guard try header.number(UInt8.self) == 0, try header.number(UInt16.self) == 0 else {
            throw FrameError(.malformed, "frame \(number) has flags, and there are none")
        }
        start = end
        number += 1
        return Frame(type: type, body: Array(frame[Frame.headerSize...]))
    }
}
