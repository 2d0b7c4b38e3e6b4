import MartletSimulation
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("Frames of the compaction protocol") struct FrameTests {
    private func read(_ bytes: [UInt8], max: Int = FrameWriter.serverMax) throws(FrameFault) -> [(
        type: UInt8, body: FrameBody
    )] {
        var reader = FrameReader(max: max)
        var frames: [(type: UInt8, body: FrameBody)] = []
        // One byte at a time is the worst that a socket does.
        for byte in bytes {
            reader.feed([byte])
            while let frame = try reader.next() { frames.append(frame) }
        }
        return frames
    }

    @Test("every frame comes out as it went in")
    func roundTrip() throws {
        let frames = try read(FrameExamples.daemon.flatMap(\.encoded))
        let found = try frames.map { try DaemonFrame(type: $0.type, body: $0.body) }
        #expect(found == FrameExamples.daemon)
        let answers = try read(FrameExamples.server.flatMap(\.encoded))
        #expect(
            try answers.map { try ServerFrame(type: $0.type, body: $0.body) }
                == FrameExamples.server)
    }

    @Test("no flipped bit goes unnoticed")
    func flippedBits() throws {
        for bytes in FrameExamples.daemon.map(\.encoded) + FrameExamples.server.map(\.encoded) {
            for bit in 0..<(bytes.count * 8) {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                do throws(FrameFault) {
                    let frames = try read(damaged)
                    // A length that has become greater waits for bytes that never come.
                    #expect(frames.isEmpty && bit < 32, "bit \(bit) of \(bytes.count) bytes")
                } catch {}
            }
        }
    }

    @Test("a body that is cut, or too long, is refused with its checksum right")
    func wrongBodies() throws {
        for frame in FrameExamples.daemon {
            let body = Array(frame.encoded.dropFirst(FrameWriter.headSize + 1))
            for count in 0..<body.count {
                #expect(throws: FrameFault.body, "\(frame) cut to \(count)") {
                    _ = try DaemonFrame(
                        type: frame.encoded[FrameWriter.headSize],
                        body: FrameBody(body[..<count]))
                }
            }
            #expect(throws: FrameFault.body) {
                _ = try DaemonFrame(
                    type: frame.encoded[FrameWriter.headSize], body: FrameBody((body + [0])[...]))
            }
        }
        #expect(throws: FrameFault.unknownType(200)) {
            _ = try DaemonFrame(type: 200, body: FrameBody([][...]))
        }
    }

    @Test("a length over the bound is refused before its bytes are waited for")
    func tooLong() throws {
        var reader = FrameReader(max: 100)
        reader.feed([101, 0, 0, 0, 1, 2, 3, 4])
        #expect(throws: FrameFault.tooLong(101)) { try reader.next() }
        var empty = FrameReader(max: 100)
        empty.feed([0, 0, 0, 0, 1, 2, 3, 4])
        #expect(throws: FrameFault.empty) { try empty.next() }
    }

    @Test("garbage is refused or waits, and never is a frame")
    func garbage() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
            let frames = try? read(bytes, max: 4_096)
            #expect(frames?.isEmpty ?? true)
        }
    }

    @Test("random bodies with a right checksum decode or are refused")
    func randomBodies() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...80, using: &random)
            let body = (0..<count).map { _ in
                UInt8.random(in: 0...(Bool.random(using: &random) ? 255 : 3), using: &random)
            }
            let type = UInt8.random(in: 0...9, using: &random)
            _ = try? DaemonFrame(type: type, body: FrameBody(body[...]))
            _ = try? ServerFrame(type: type + 64, body: FrameBody(body[...]))
        }
    }
}
