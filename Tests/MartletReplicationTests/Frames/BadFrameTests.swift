import MartletFuzzing
import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

@Suite("Bytes that are no frame are refused") struct BadFrameTests {
    private func error(_ body: () throws(FrameError) -> Void) -> FrameError.Kind? {
        do throws(FrameError) {
            try body()
            return nil
        } catch {
            return error.kind
        }
    }

    private func read(
        _ bytes: [UInt8], _ lane: FrameLane = .shipperToFollower
    ) -> FrameError.Kind? {
        error { () throws(FrameError) in
            var reader = FrameReader(lane)
            reader.append(bytes)
            while try reader.next() != nil {}
        }
    }

    @Test("a flipped bit anywhere")
    func bits() throws {
        let frame = try ReplicationSamples.append().frame()
        let bytes = frame.encoded(.shipperToFollower, number: 0)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            var reader = FrameReader(.shipperToFollower)
            reader.append(damaged)
            // A greater length waits for bytes that never come; nothing else may pass.
            let result = Result { () throws(FrameError) in try reader.next() }
            switch result {
            case .success(let read): #expect(read == nil, "bit \(bit)")
            case .failure(let error):
                #expect([.checksum, .oversized].contains(error.kind), "bit \(bit)")
            }
        }
    }

    @Test("a frame that comes twice, too early, or on another lane")
    func replay() {
        let frame = Frame(type: 10, body: [1, 2, 3])
        let first = frame.encoded(.shipperToFollower, number: 0)
        #expect(read(first) == nil)
        #expect(read(first + first) == .checksum)
        #expect(read(frame.encoded(.shipperToFollower, number: 1)) == .checksum)
        #expect(read(frame.encoded(.serverToShipper, number: 0)) == .checksum)
    }

    @Test("a length beyond the lane's, before a byte of it has come")
    func oversized() {
        for lane in [FrameLane.followerToShipper, .serverToShipper, .shipperToServer] {
            var header = Frame(type: 1, body: []).encoded(lane, number: 0)
            header.replaceSubrange(4..<8, with: [1, 0, 1, 0])
            #expect(read(header, lane) == .oversized)
        }
    }

    @Test("after an error there is nothing more")
    func poisoned() throws {
        let good = Frame(type: 10, body: []).encoded(.shipperToFollower, number: 0)
        var reader = FrameReader(.shipperToFollower)
        reader.append([UInt8](repeating: 255, count: 40))
        #expect(throws: FrameError.self) { try reader.next() }
        reader.append(good)
        #expect(throws: FrameError.self) { try reader.next() }
        #expect(reader.waitingBytes == 0)
    }

    @Test("an unknown type, a body cut short, a body too long")
    func bodies() throws {
        #expect(
            error { () throws(FrameError) in
                _ = try FollowerFrame(Frame(type: 0, body: []))
            } == .unknownType)
        for frame in try ReplicationSamples.followerFrames().map({ $0.frame() }) {
            for count in 0..<frame.body.count {
                let cut = Frame(type: frame.type, body: Array(frame.body.prefix(count)))
                #expect(throws: FrameError.self) { try FollowerFrame(cut) }
            }
            let long = Frame(type: frame.type, body: frame.body + [0])
            #expect(throws: FrameError.self) { try FollowerFrame(long) }
        }
        for frame in try ReplicationSamples.shipperFrames().map({ $0.frame() }) {
            for count in 0..<frame.body.count {
                let cut = Frame(type: frame.type, body: Array(frame.body.prefix(count)))
                #expect(throws: FrameError.self) { try ShipperFrame(cut) }
            }
            let long = Frame(type: frame.type, body: frame.body + [0])
            #expect(throws: FrameError.self) { try ShipperFrame(long) }
        }
    }

    @Test("random bodies: an error or a frame, never a crash, never much memory")
    func garbage() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...200, using: &random)
            let body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let type = UInt8.random(in: 0...12, using: &random)
            let frame = Frame(type: type, body: body)
            _ = try? FollowerFrame(frame)
            _ = try? ShipperFrame(frame)
            _ = try? ServerFrame(frame)
            _ = try? LinkReport(frame)
        }
    }

    @Test("mutated frames: an error or a frame, never a crash")
    func mutations() throws {
        var random = SeededGenerator(seed: 2)
        let frames = try ReplicationSamples.shipperFrames().map { $0.frame() }
        for _ in 0..<20_000 {
            var frame = frames[Int.random(in: 0..<frames.count, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) where !frame.body.isEmpty {
                let place = Int.random(in: 0..<frame.body.count, using: &random)
                frame.body[place] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? ShipperFrame(frame)
        }
    }

    @Test("packed records that claim to be more than LZ4 can make")
    func bomb() throws {
        var encoder = FieldEncoder()
        encoder.put(ReplicationSamples.leader)
        encoder.put(UInt64(0))
        encoder.put(UInt64(1))
        encoder.put(UInt64(1))
        encoder.put(UInt32(1))
        encoder.put(RecordPacking.lz4)
        encoder.put(UInt32(60 << 20))
        encoder.put([UInt8](repeating: 255, count: 100))
        #expect(
            error { () throws(FrameError) in
                _ = try ShipperFrame(Frame(type: 8, body: encoder.bytes))
            } == .malformed)
    }

    @Test("records that do not follow each other")
    func order() {
        let position = ReplicationSamples.position
        let groups: [(UInt64, [ShippedRecord])] = [
            (0, []), (0, [ReplicationSamples.record(2)]), (1, [ReplicationSamples.record(1)]),
            (0, [ReplicationSamples.record(1), ReplicationSamples.record(3)]),
            (0, [ShippedRecord(kind: .gap, epoch: 1, sequence: 1, payload: [])]),
            (0, [ShippedRecord(kind: .batch, epoch: 1, sequence: 1, payload: [1, 2])]),
        ]
        for (previous, records) in groups {
            #expect(throws: FrameError.self) {
                try ShippedGroup(previous: previous, records: records, position: position)
            }
        }
    }

    @Test("names of files that lead out of a seed's directory")
    func names() throws {
        let bad = [
            "", "/etc/passwd", "../x", "tables/../../x", "tables//x", "tables/", ".x", "a/b/c",
            "tables/.x", "a b", "x\0",
        ]
        for name in bad {
            let file = SeedOffer.File(name: name, size: 1, checksum: 0)
            #expect(!file.isSafe, "\(name)")
            var offer = try ReplicationSamples.offer()
            offer.files = [file]
            let frame = ShipperFrame(ReplicationSamples.leader, .seedOffer(offer)).frame()
            #expect(throws: FrameError.self) { try ShipperFrame(frame) }
        }
    }

    @Test("a catalog that would add a file")
    func catalog() {
        let edit = ManifestEdit([.createTable("a"), .epoch(9)])
        let frame = ShipperFrame(ReplicationSamples.leader, .catalog(edit)).frame()
        #expect(throws: FrameError.self) { try ShipperFrame(frame) }
    }
}
