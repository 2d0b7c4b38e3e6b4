import MartletFuzzing
import MartletStore
import Testing

@testable import MartletReplication

@Suite("Frames come out as they went in") struct FrameCodingTests {
    @Test("each frame of a follower")
    func follower() throws {
        for frame in try ReplicationSamples.followerFrames() {
            #expect(try FollowerFrame(frame.frame()) == frame)
        }
    }

    @Test("each frame of a shipper")
    func shipper() throws {
        for frame in try ReplicationSamples.shipperFrames() {
            #expect(try ShipperFrame(frame.frame()) == frame)
        }
    }

    @Test("each frame between a server and its shipper")
    func link() throws {
        for frame in try ReplicationSamples.serverFrames() {
            #expect(try ServerFrame(frame.frame()) == frame)
        }
        for report in ReplicationSamples.reports() {
            #expect(try LinkReport(report.frame()) == report)
        }
    }

    @Test("frames arrive whole however their bytes are cut")
    func pieces() throws {
        let frames = try ReplicationSamples.shipperFrames().map { $0.frame() }
        let bytes = frames.enumerated().flatMap {
            $1.encoded(.shipperToFollower, number: UInt64($0))
        }
        for size in [1, 2, 3, 11, 12, 13, 64, bytes.count] {
            var reader = FrameReader(.shipperToFollower)
            var arrived: [Frame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(bytes[start..<min(start + size, bytes.count)])
                while let frame = try reader.next() { arrived.append(frame) }
            }
            #expect(arrived == frames)
            #expect(reader.waitingBytes == 0)
        }
    }

    @Test("records that compress travel in fewer bytes")
    func compression() throws {
        let value = [UInt8](repeating: 65, count: 10_000)
        let group = try ShippedGroup(
            previous: 0, records: [ReplicationSamples.record(1, value: value)],
            position: ReplicationSamples.position)
        let frame = ShipperFrame(ReplicationSamples.leader, .append(group)).frame()
        #expect(frame.body.count < 1_000)
        #expect(try ShipperFrame(frame) == ShipperFrame(ReplicationSamples.leader, .append(group)))
    }

    @Test("another version's hello is read as far as its version")
    func version() throws {
        guard case .hello(let hello) = try FollowerFrame(Frame(type: 1, body: [9, 0, 1, 2, 3]))
        else { throw FrameError(.malformed, "no hello") }
        #expect(hello.version == 9)
    }
}
