import MartletStore

/// The head of one of the journal's two files.
struct FailedSlotHeader: Hashable, Sendable {
    /// Of two files the one with the greater generation counts.
    var generation: UInt64
    /// Part of every checksum of the file's records, new with each generation: what an earlier one
    /// left behind does not verify.
    var salt: UInt64
    /// The greatest id that was given out when the file was begun.
    var lastID: UInt64
    /// Up to where the file was synced by then.
    var synced: UInt32

    /// Two copies, each in a sector of its own, in front of the records.
    static let bytes = 1_024
    private static let copyBytes = 512
    private static let magic = Array("MRTLFAIL".utf8)
    private static let version: UInt32 = 1
    private static let length = 40

    func encoded() -> [UInt8] {
        var copy = Self.magic
        copy.append(little: Self.version)
        copy.append(little: synced)
        copy.append(little: generation)
        copy.append(little: salt)
        copy.append(little: lastID)
        copy.append(little: copy.withUnsafeBytes { Checksum.crc32c($0) })
        copy.append(contentsOf: repeatElement(0, count: Self.copyBytes - copy.count))
        return copy + copy
    }

    /// What a file begins with.
    enum Reading: Hashable, Sendable {
        case intact(FailedSlotHeader)
        /// Zeros: never begun.
        case blank
        /// Neither. A sector is written whole or not at all, so no crash leaves this.
        case damaged
    }

    /// Throws `unsupported` for a version that is newer than this program.
    static func read(_ slot: UnsafeRawBufferPointer) throws(StoreError) -> Reading {
        if slot.count < bytes { return .blank }
        var newest: FailedSlotHeader?
        for start in [0, copyBytes] {
            let copy = UnsafeRawBufferPointer(rebasing: slot[start..<start + copyBytes])
            guard let found = try header(copy) else { continue }
            if found.generation > newest?.generation ?? 0 { newest = found }
        }
        if let newest { return .intact(newest) }
        return slot[..<bytes].allSatisfy { $0 == 0 } ? .blank : .damaged
    }

    private static func header(
        _ copy: UnsafeRawBufferPointer
    ) throws(StoreError) -> FailedSlotHeader? {
        let covered = UnsafeRawBufferPointer(rebasing: copy[..<length])
        guard covered.starts(with: magic),
            Checksum.crc32c(covered) == copy.little(UInt32.self, at: length)
        else { return nil }
        guard copy.little(UInt32.self, at: 8) == version else {
            throw StoreError(.unsupported, "a newer program wrote the journal of failed requests")
        }
        return FailedSlotHeader(
            generation: copy.little(UInt64.self, at: 16), salt: copy.little(UInt64.self, at: 24),
            lastID: copy.little(UInt64.self, at: 32), synced: copy.little(UInt32.self, at: 12))
    }
}

/// The records of a file of the journal.
struct FailedSlotRecords: Sendable {
    private(set) var records: [FailedRecord] = []
    /// The offset behind the last one.
    private(set) var end = FailedSlotHeader.bytes
    /// Where something that had been synced does not verify.
    private(set) var damaged: [Int] = []

    /// Follows the records until there is no intact one. What a power cut tore is the end: it was
    /// never acknowledged. But where the place is known to have been synced, it is damage: that is
    /// noted, and what is readable behind it is read.
    init(_ slot: UnsafeRawBufferPointer, _ header: FailedSlotHeader) {
        var next: UInt64 = 1
        while true {
            if let found = FailedRecord.read(slot, at: end, salt: header.salt),
                found.place.sequence >= next
            {
                records.append(found.record)
                next = found.place.sequence + 1
                end = found.end
                continue
            }
            let (intact, synced) = Self.behind(end, slot, header, from: next)
            guard end < synced else { return }
            damaged.append(end)
            guard let intact else { return }
            end = intact
        }
    }

    /// The first intact record behind `place`, and up to where the file is known to be synced.
    private static func behind(
        _ place: Int, _ slot: UnsafeRawBufferPointer, _ header: FailedSlotHeader, from next: UInt64
    ) -> (intact: Int?, synced: Int) {
        var first: Int?
        var synced = Int(header.synced)
        var offset = place + 8
        while offset + FailedRecord.headerBytes <= slot.count, first == nil || synced <= place {
            if let found = FailedRecord.read(slot, at: offset, salt: header.salt),
                found.place.sequence >= next
            {
                first = first ?? offset
                synced = max(synced, Int(found.place.durable))
            }
            offset += 8
        }
        return (first, synced)
    }

    /// Whether only zeros lie behind the last record.
    func isBlankBehind(_ slot: UnsafeRawBufferPointer) -> Bool {
        var offset = end
        while offset + 8 <= slot.count {
            if slot.little(UInt64.self, at: offset) != 0 { return false }
            offset += 8
        }
        return true
    }
}
