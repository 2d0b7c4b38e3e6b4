import MartletStore

extension FuzzTarget {
    private static let salt: UInt64 = 77

    /// Records are found in order, none twice, and end within the file.
    static let journal = FuzzTarget(
        name: "journal", summary: "a file of the journal of failed requests", lengthMax: 4_096,
        seeds: {
            let records = [
                JournalRecord(type: 1, id: 41, payload: [UInt8](repeating: 7, count: 60)),
                JournalRecord(type: 4, id: 41, payload: Array("forbidden: no".utf8)),
                JournalRecord(type: 1, id: 42, payload: []),
                JournalRecord(type: 2, id: 42, payload: []),
                JournalRecord(type: 3, id: 41, payload: []),
            ]
            return (0...records.count).map { image(Array(records.prefix($0))) }
        },
        finding: { bytes in
            guard bytes.count >= JournalHeader.bytes else { return nil }
            let file = repaired(bytes)
            return file.withUnsafeBytes { file in
                guard case .intact(let header)? = try? JournalHeader.read(file) else { return nil }
                let found = JournalRecords(file, header) { $0 }
                _ = found.isBlankBehind(file)
                let places = found.entries.map(\.place)
                for (place, next) in zip(places, places.dropFirst())
                where place.offset >= next.offset || place.sequence >= next.sequence {
                    return "record \(next) behind \(place)"
                }
                let used = found.entries.last?.place.offset ?? 0
                return used < file.count ? nil : "a record at \(used) of \(file.count)"
            }
        })

    private static func image(_ records: [JournalRecord]) -> [UInt8] {
        let header = JournalHeader(
            generation: 1, salt: salt, lastID: 40, synced: UInt32(JournalHeader.bytes))
        var bytes = header.encoded()
        for (index, record) in records.enumerated() {
            let place = JournalRecord.Place(
                offset: bytes.count, sequence: UInt64(index) + 1, durable: UInt32(bytes.count))
            bytes += record.encoded(at: place, salt: salt)
        }
        return bytes + [UInt8](repeating: 0, count: 64)
    }

    /// The file with this salt, and the checksums that it should have.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes.put(salt, at: 24)
        bytes.put(crc(bytes[..<40]), at: 40)
        var start = JournalHeader.bytes
        while start + JournalRecord.headSize <= bytes.count {
            let count = Int(bytes.word(at: start + 4))
            let end = start + JournalRecord.headSize + count
            guard end <= bytes.count else { break }
            let seed = Checksum.seed(fileID: salt, offset: UInt64(start))
            bytes.put(crc(bytes[(start + 4)..<end], seed), at: start)
            start += JournalRecord.padded(JournalRecord.headSize + count)
        }
        return bytes
    }
}
