/// The head of one of the two files of a journal of requests: docs/formats/failed.md.
package struct JournalHeader: Hashable, Sendable {
    /// Of two files the one with the greater generation counts.
    package var generation: UInt64
    /// Part of every checksum of the file's records, new with each generation: what an earlier one
    /// left behind does not verify.
    package var salt: UInt64
    /// The greatest id that was given out when the file was begun.
    package var lastID: UInt64
    /// Up to where the file was synced by then.
    package var synced: UInt32

    /// Two copies, each in a sector of its own, in front of the records.
    package static let bytes = 1_024
    private static let copyBytes = 512
    private static let magic = Array("MRTLFAIL".utf8)
    private static let version: UInt32 = 1
    private static let length = 40

    package init(generation: UInt64, salt: UInt64, lastID: UInt64, synced: UInt32) {
        self.generation = generation
        self.salt = salt
        self.lastID = lastID
        self.synced = synced
    }

    package func encoded() -> [UInt8] {
        var copy = FieldEncoder()
        copy.bytes = Self.magic
        copy.put(Self.version)
        copy.put(synced)
        for number in [generation, salt, lastID] { copy.put(number) }
        copy.put(copy.bytes.withUnsafeBytes { Checksum.crc32c($0) })
        copy.bytes += repeatElement(0, count: Self.copyBytes - copy.bytes.count)
        return copy.bytes + copy.bytes
    }

    /// What a file begins with.
    package enum Reading: Hashable, Sendable {
        case intact(JournalHeader)
        /// Zeros: never begun.
        case blank
        /// Neither. A sector is written whole or not at all, so no crash leaves this.
        case damaged
    }

    /// Throws `unsupported` for a version that is newer than this program.
    package static func read(_ file: UnsafeRawBufferPointer) throws(StoreError) -> Reading {
        if file.count < bytes { return .blank }
        var newest: JournalHeader?
        for start in [0, copyBytes] {
            let copy = UnsafeRawBufferPointer(rebasing: file[start..<start + copyBytes])
            guard let found = try header(copy) else { continue }
            if found.generation > newest?.generation ?? 0 { newest = found }
        }
        if let newest { return .intact(newest) }
        return file[..<bytes].allSatisfy { $0 == 0 } ? .blank : .damaged
    }

    private static func header(
        _ copy: UnsafeRawBufferPointer
    ) throws(StoreError) -> JournalHeader? {
        let covered = UnsafeRawBufferPointer(rebasing: copy[..<length])
        guard covered.starts(with: magic),
            Checksum.crc32c(covered) == copy.number(at: length, UInt32.self)
        else { return nil }
        guard copy.number(at: 8, UInt32.self) == version else {
            throw StoreError(.unsupported, "a newer program wrote the journal of failed requests")
        }
        return JournalHeader(
            generation: copy.number(at: 16, UInt64.self), salt: copy.number(at: 24, UInt64.self),
            lastID: copy.number(at: 32, UInt64.self), synced: copy.number(at: 12, UInt32.self))
    }
}
