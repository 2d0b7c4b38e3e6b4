import CLZ4
import MartletStore

/// Records as bytes, compressed where that makes them smaller.
enum RecordPacking {
    static let plain: UInt8 = 0
    static let lz4: UInt8 = 1
    /// Bytes of a record without its payload.
    static let recordHead = 17
    /// LZ4 makes at most 255 bytes of one.
    private static let ratioMax = 255

    static func put(_ records: [ShippedRecord], into encoder: inout FieldEncoder) {
        var raw = FieldEncoder()
        raw.bytes.reserveCapacity(
            records.reduce(0) { $0 + $1.payload.count + recordHead })
        for record in records {
            raw.put(record.kind.rawValue)
            raw.put(record.epoch)
            raw.put(record.sequence)
            raw.put(record.payload)
        }
        encoder.put(UInt32(records.count))
        if let packed = compressed(raw.bytes) {
            encoder.put(lz4)
            encoder.put(UInt32(raw.bytes.count))
            encoder.put(packed)
        } else {
            encoder.put(plain)
            encoder.put(UInt32(raw.bytes.count))
            encoder.put(raw.bytes)
        }
    }

    static func take(_ decoder: inout FieldDecoder) throws(FrameError) -> [ShippedRecord] {
        let count = Int(try decoder.number(UInt32.self))
        let codec = try decoder.number(UInt8.self)
        let size = Int(try decoder.number(UInt32.self))
        let stored = try decoder.string()
        guard size <= FrameLane.shipperToFollower.bodyMax, count * recordHead <= size else {
            throw FrameError(.malformed, "\(count) records in \(size) bytes")
        }
        let raw: ArraySlice<UInt8>
        switch codec {
        case plain where stored.count == size: raw = stored
        case lz4 where size <= stored.count * ratioMax + 64:
            raw = try expanded(stored, size)[...]
        default: throw FrameError(.malformed, "records packed in a way that is not known")
        }
        var content = FieldDecoder(raw)
        var records: [ShippedRecord] = []
        records.reserveCapacity(count)
        for _ in 0..<count {
            guard let kind = ShippedRecord.Kind(rawValue: try content.number(UInt8.self)) else {
                throw FrameError(.malformed, "a record of an unknown kind")
            }
            let record = ShippedRecord(
                kind: kind, epoch: try content.number(), sequence: try content.number(),
                payload: Array(try content.string()))
            guard kind == .batch || record.payload.isEmpty else {
                throw FrameError(.malformed, "a gap with a payload")
            }
            records.append(record)
        }
        try content.end()
        return records
    }

    /// `nil` where it would not be smaller by an eighth.
    private static func compressed(_ raw: [UInt8]) -> [UInt8]? {
        let limit = raw.count - raw.count / 8
        guard raw.count >= 64 else { return nil }
        var count: Int32 = 0
        let packed = [UInt8](unsafeUninitializedCapacity: limit) { target, used in
            raw.withUnsafeBytes { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                count = LZ4_compress_default(
                    from.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(to).assumingMemoryBound(to: CChar.self),
                    Int32(raw.count), Int32(limit))
            }
            used = Int(max(0, count))
        }
        return count > 0 ? packed : nil
    }

    private static func expanded(
        _ stored: ArraySlice<UInt8>, _ size: Int
    ) throws(FrameError) -> [UInt8] {
        var count: Int32 = -1
        let raw = [UInt8](unsafeUninitializedCapacity: size) { target, used in
            stored.withUnsafeBytes { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                count = LZ4_decompress_safe(
                    from.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(to).assumingMemoryBound(to: CChar.self),
                    Int32(source.count), Int32(size))
            }
            used = Int(max(0, count))
        }
        guard Int(count) == size else {
            throw FrameError(.malformed, "packed records that do not unpack")
        }
        return raw
    }
}
