import MartletSimulation
import MartletStore

extension FuzzTarget {
    private static let path = LogFormat.segmentPath("/log", 1)

    /// The inspection shows it, recovery ends or says why not, and a second one finds what the
    /// first has left.
    static let log = FuzzTarget(
        name: "log", summary: "a segment of the store's log: header, records, batches",
        lengthMax: 4_096,
        seeds: { try StoreSamples.files(ending: ".log") },
        finding: { bytes in
            guard bytes.count >= LogHeader.size else { return nil }
            let disk = SimulatedDisk()
            disk.replace(path, with: repaired(bytes))
            do throws(StoreError) {
                let file = try disk.open(path, .read)
                guard try file.size() == UInt64(bytes.count) else { return "the file is short" }
                _ = try LogInspection.run(file: file, fileID: 1, magic: LogFormat.segmentMagic) {
                    (event) throws(StoreError) in
                    if case .record(let record, _, let payload) = event, record.type == .batch {
                        try? walk(payload, record.sequence)
                    }
                    return true
                }
                let first = try recover(disk)
                let second = try recover(disk)
                return first == second ? nil : "recovered \(first), then \(second)"
            } catch {
                let isExpected = error.code == .corruption || error.code == .unsupported
                return isExpected ? nil : "\(error)"
            }
        })

    private static func walk(
        _ payload: UnsafeRawBufferPointer, _ sequence: UInt64
    ) throws(StoreError) {
        var batch = try BatchDecoder(payload: payload, firstSequence: sequence)
        while let mutation = try batch.next() { _ = mutation.sequence }
    }

    /// The batches by sequence and size.
    private static func recover(_ disk: SimulatedDisk) throws(StoreError) -> [[UInt64]] {
        var batches: [[UInt64]] = []
        _ = try LogRecovery.run(
            disk, directory: "/log", storeID: StoreID(low: 1, high: 2), minimumSegment: 0
        ) { (segment, sequence, epoch, payload) throws(StoreError) in
            batches.append([segment, sequence, UInt64(epoch), UInt64(payload.count)])
        }
        return batches
    }

    /// The file as segment 1 of one store, with the checksums that it should have.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes.replaceSubrange(0..<8, with: Array("MRTLLOG1".utf8))
        for (index, number) in [UInt64(1), 1, 2].enumerated() {
            bytes.put(number, at: 16 + 8 * index)
        }
        bytes.put(crc(bytes[..<60]), at: 60)
        var start = LogHeader.size
        while start + LogRecordHeader.size <= bytes.count {
            let count = Int(bytes.word(at: start + 4))
            let end = start + LogRecordHeader.size + count
            guard count <= LogFormat.maximumPayload, end <= bytes.count else { break }
            let seed = Checksum.seed(fileID: 1, offset: UInt64(start))
            bytes.put(crc(bytes[(start + 4)..<end], seed), at: start)
            start += LogFormat.recordSize(payload: count)
        }
        return bytes
    }

    static func crc(_ bytes: ArraySlice<UInt8>, _ seed: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { Checksum.crc32c($0, continuing: seed) }
    }
}
