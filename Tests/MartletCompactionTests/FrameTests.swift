import MartletFuzzing
import MartletSimulation
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("Frames of the compaction protocol") struct FrameTests {
    private func read(
        _ bytes: [UInt8], _ format: FrameFormat = .ofServer
    ) throws(FrameError) -> [Frame] {
        var reader = FrameReader(format)
        var frames: [Frame] = []
        // One byte at a time is the worst that a socket does.
        for byte in bytes {
            reader.append([byte])
            while let frame = try reader.next() { frames.append(frame) }
        }
        return frames
    }

    private func kind(_ body: () throws(FrameError) -> Void) -> FrameError.Kind? {
        do throws(FrameError) {
            try body()
            return nil
        } catch {
            return error.kind
        }
    }

    @Test("every frame comes out as it went in")
    func roundTrip() throws {
        let frames = try read(CompactionSamples.daemon.flatMap(\.encoded))
        #expect(try frames.map { try DaemonFrame($0) } == CompactionSamples.daemon)
        let answers = try read(CompactionSamples.server.flatMap(\.encoded))
        #expect(try answers.map { try ServerFrame($0) } == CompactionSamples.server)
    }

    @Test("no flipped bit goes unnoticed")
    func flippedBits() throws {
        for bytes in CompactionSamples.daemon.map(\.encoded)
            + CompactionSamples.server.map(\.encoded)
        {
            for bit in 0..<(bytes.count * 8) {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                do throws(FrameError) {
                    let frames = try read(damaged)
                    // A length that has become greater waits for bytes that never come.
                    #expect(frames.isEmpty && bit < 32, "bit \(bit) of \(bytes.count) bytes")
                } catch {}
            }
        }
    }

    @Test("a body that is cut, or too long, is refused with its checksum right")
    func wrongBodies() throws {
        for frame in CompactionSamples.daemon.map({ $0.frame() }) {
            let cuts = (0..<frame.body.count).map { Array(frame.body.prefix($0)) }
            for body in cuts + [frame.body + [0]] {
                let wrong = kind { () throws(FrameError) in
                    _ = try DaemonFrame(Frame(type: frame.type, body: body))
                }
                #expect(wrong == .malformed, "\(frame) with \(body)")
            }
        }
        let unknown = kind { () throws(FrameError) in
            _ = try DaemonFrame(Frame(type: 200, body: []))
        }
        #expect(unknown == .unknownType)
    }

    @Test("a length over the bound is refused before its bytes are waited for")
    func tooLong() {
        func kind(_ head: [UInt8]) -> FrameError.Kind? {
            self.kind { () throws(FrameError) in
                _ = try read(head, FrameFormat(countMax: 100))
            }
        }
        #expect(kind([101, 0, 0, 0, 1, 2, 3, 4]) == .oversized)
        #expect(kind([0, 0, 0, 0, 1, 2, 3, 4]) == .malformed)
    }

    @Test("garbage is refused or waits, and never is a frame")
    func garbage() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
            let frames = try? read(bytes, .ofDaemons)
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
            _ = try? DaemonFrame(Frame(type: type, body: body))
            _ = try? ServerFrame(Frame(type: type + 64, body: body))
        }
    }
}
