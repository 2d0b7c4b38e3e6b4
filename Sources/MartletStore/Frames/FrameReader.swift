/// Puts frames together out of the bytes of one connection, in order.
///
/// Holds at most one frame's bytes and what was last given beside it: a count over the bound is
/// refused before its bytes are waited for. After an error it gives the same error for good.
package struct FrameReader: Sendable {
    /// A buffer that a frame made larger is given back behind it.
    private static let keptMax = 1 << 20

    private let format: FrameFormat
    private var buffer: [UInt8] = []
    private var start = 0
    private var number: UInt64 = 0
    private var failure: FrameError?

    package init(_ format: FrameFormat) { self.format = format }

    /// Bytes that wait for the rest of their frame.
    package var waitingBytes: Int { buffer.count - start }

    /// Takes what has arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        guard failure == nil else { return }
        if waitingBytes == 0 {
            buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptMax)
        } else {
            buffer.removeFirst(start)
        }
        start = 0
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
        guard waitingBytes >= FrameFormat.typeAt else { return nil }
        let count = Int(word(at: format.countAt))
        guard count <= format.countMax else {
            throw FrameError(.oversized, "a count of \(count) bytes, \(format.countMax) at most")
        }
        let size = format.uncounted + count
        guard size >= format.headSize else {
            throw FrameError(.malformed, "frame \(number) has no type")
        }
        guard waitingBytes >= size else { return nil }
        let frame = buffer[start..<start + size]
        guard format.checksum(frame, number: number) == word(at: format.checksumAt) else {
            throw FrameError(.checksum, "frame \(number) does not verify")
        }
        let type = start + FrameFormat.typeAt
        let body = start + format.headSize
        guard frame[(type + 1)..<body].allSatisfy({ $0 == 0 }) else {
            throw FrameError(.malformed, "frame \(number) has flags, and there are none")
        }
        start += size
        number += 1
        return Frame(type: frame[type], body: Array(frame[body...]))
    }

    private func word(at place: Int) -> UInt32 {
        buffer.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start + place, as: UInt32.self))
        }
    }
}
