/// The records of a file of a journal, with what their owner reads in them.
package struct JournalRecords<Content> {
    /// A record that counts.
    package struct Entry {
        package var place: JournalRecord.Place
        package var end: Int
        package var content: Content
    }

    package private(set) var entries: [Entry] = []
    /// The offset behind the last one.
    package private(set) var end = JournalHeader.bytes
    /// Where something that had been synced does not verify.
    package private(set) var damaged: [Int] = []

    /// Follows the records until there is no intact one. What a power cut tore is the end: it was
    /// never acknowledged. But where the place is known to have been synced, it is damage: that is
    /// noted, and what is readable behind it is read.
    ///
    /// - Parameter decode: what a record says; `nil` for one that nobody can have written.
    package init(
        _ file: UnsafeRawBufferPointer, _ header: JournalHeader,
        _ decode: (JournalRecord) -> Content?
    ) {
        var next: UInt64 = 1
        while true {
            if let entry = Self.entry(at: end, file, header, from: next, decode) {
                entries.append(entry)
                next = entry.place.sequence + 1
                end = entry.end
                continue
            }
            let (intact, synced) = Self.behind(end, file, header, from: next, decode)
            guard end < synced else { return }
            damaged.append(end)
            guard let intact else { return }
            end = intact
        }
    }

    private static func entry(
        at offset: Int, _ file: UnsafeRawBufferPointer, _ header: JournalHeader,
        from next: UInt64, _ decode: (JournalRecord) -> Content?
    ) -> Entry? {
        guard let found = JournalRecord.read(file, at: offset, salt: header.salt),
            found.place.sequence >= next, found.place.sequence < .max,
            let content = decode(found.record)
        else { return nil }
        return Entry(place: found.place, end: found.end, content: content)
    }

    /// The first intact record behind `place`, and up to where the file is known to be synced.
    private static func behind(
        _ place: Int, _ file: UnsafeRawBufferPointer, _ header: JournalHeader,
        from next: UInt64, _ decode: (JournalRecord) -> Content?
    ) -> (intact: Int?, synced: Int) {
        var first: Int?
        var synced = Int(header.synced)
        var offset = place + 8
        while offset + JournalRecord.headSize <= file.count, first == nil || synced <= place {
            if let entry = entry(at: offset, file, header, from: next, decode) {
                first = first ?? offset
                synced = max(synced, Int(entry.place.durable))
            }
            offset += 8
        }
        return (first, synced)
    }

    /// Whether only zeros lie behind the last record.
    package func isBlankBehind(_ file: UnsafeRawBufferPointer) -> Bool {
        var offset = end
        while offset + 8 <= file.count {
            if file.number(at: offset, UInt64.self) != 0 { return false }
            offset += 8
        }
        return true
    }
}
