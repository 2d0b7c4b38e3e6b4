import MartletStore

/// The durable place for requests that the store could not take: two files of fixed size that are
/// reserved in advance, so that a full disk or a poisoned store takes nothing from it.
///
/// Records are appended to one of the files. When it is full, or a write or sync of it has failed,
/// what still counts is written to the other one, whose head is written last: a crash at any moment
/// leaves one that is whole. Confined to its owner, which blocks on the disk here.
struct FailedJournal {
    /// What was found at the opening.
    struct Contents: Sendable {
        /// What counts, in the order of the ids.
        var requests: [FailedRequest] = []
        var lastID: UInt64 = 0
        /// What had been written durably and cannot be read any more.
        var damaged: [StoreError] = []
    }

    private struct Slot {
        var file: any File
        var size: UInt64
        /// Whether its head may be a whole one that is newer than the other's.
        var isSuspect = false
    }

    private var slots: [Slot]
    private var active: Int
    private var header: JournalHeader
    private var sequence: UInt64 = 0
    private var end = JournalHeader.bytes
    /// Whether the active file takes another record.
    private var isAppendable = false
    private let random: any RandomSource

    /// Their names in the store's directory.
    static let names = ["failed-0.journal", "failed-1.journal"]
    private static let step = 64 << 10
    private static let slotMin = 8 << 10

    /// Bytes that all requests may take together.
    var capacity: Int {
        Int(slots.map(\.size).min() ?? 0) - JournalHeader.bytes
    }

    // MARK: Opening

    /// Opens the journal in `directory`, which nobody else has open, and makes it where there is
    /// none.
    ///
    /// - Parameter bytes: what its two files take together. Where what counts would not fit, or the
    ///   disk has no room, they stay as they are.
    /// - Throws: what the files throw, `noSpace` where there is no room to make them, and
    ///   `unsupported`.
    static func open(
        in directory: String, bytes: Int, _ environment: Environment
    ) throws(StoreError) -> (FailedJournal, Contents) {
        let size = UInt64(max(bytes / 2, slotMin) / 4_096 * 4_096)
        var slots: [Slot] = []
        var images: [[UInt8]] = []
        for name in names {
            let (slot, image) = try openSlot(
                "\(directory)/\(name)", size, environment.fileSystem)
            slots.append(slot)
            images.append(image)
        }
        try environment.fileSystem.syncDirectory(directory)
        var contents = Contents()
        var journal = FailedJournal(slots: slots, random: environment.random)
        let hasRecords = try journal.load(images, &contents)
        if hasRecords || journal.header.generation == 0
            || slots.contains(where: { $0.size != size }
            )
        {
            journal.renew(contents, size)
        }
        return (journal, contents)
    }

    private init(slots: [Slot], random: any RandomSource) {
        self.slots = slots
        self.random = random
        active = 1
        header = JournalHeader(generation: 0, salt: 0, lastID: 0, synced: 0)
    }

    private static func openSlot(
        _ path: String, _ size: UInt64, _ fileSystem: any FileSystem
    ) throws(StoreError) -> (Slot, [UInt8]) {
        let isNew = !fileSystem.exists(path)
        let file = try fileSystem.open(path, isNew ? .create : .readWrite)
        var slot = Slot(file: file, size: try file.size())
        var image = try read(file, Int(slot.size))
        let isBlank = try image.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) in
            try JournalHeader.read(bytes) == .blank
        }
        if isBlank, slot.size < size {
            try fill(&slot, to: size)
            image = []
        }
        return (slot, image)
    }

    private static func read(_ file: any File, _ count: Int) throws(StoreError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 8)
        defer { buffer.deallocate() }
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        return Array(buffer[..<(try file.read(into: part, at: 0))])
    }

    /// Reserves the room, and writes zeros to it: later writes need no room for anything, not even
    /// for the file system's own notes.
    private static func fill(_ slot: inout Slot, to size: UInt64) throws(StoreError) {
        try slot.file.allocate(size)
        let zeros = [UInt8](repeating: 0, count: step)
        var offset = slot.size / UInt64(step) * UInt64(step)
        while offset < size {
            let count = min(UInt64(step), size - offset)
            try write(Array(zeros[..<Int(count)]), to: slot.file, at: offset)
            offset += count
        }
        try slot.file.sync()
        slot.size = size
    }

    private static func write(
        _ bytes: [UInt8], to file: any File, at offset: UInt64
    ) throws(StoreError) {
        try bytes.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) in
            try file.write(bytes, at: offset)
        }
    }

    /// Finds the file that counts and what is in it. False if it has no record.
    private mutating func load(
        _ images: [[UInt8]], _ contents: inout Contents
    ) throws(StoreError) -> Bool {
        for (place, image) in images.enumerated() {
            let reading = try image.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) in
                try JournalHeader.read(bytes)
            }
            switch reading {
            case .intact(let found) where found.generation > header.generation:
                header = found
                active = place
            case .damaged:
                contents.damaged.append(
                    StoreError(
                        .corruption, "the head of the journal of failed requests is damaged",
                        path: slots[place].file.path, offset: 0))
            default: break
            }
        }
        contents.lastID = header.lastID
        guard header.generation > 0 else { return !contents.damaged.isEmpty }
        let (found, isPristine) = images[active].withUnsafeBytes { slot in
            let found = JournalRecords(slot, header, FailedRecord.init)
            // Behind the end may lie what a power cut has torn, until all is written anew.
            return (found, found.entries.isEmpty && found.isBlankBehind(slot))
        }
        for offset in found.damaged {
            contents.damaged.append(
                StoreError(
                    .corruption, "a record of a failed request is damaged",
                    path: slots[active].file.path, offset: UInt64(offset)))
        }
        contents.apply(found.entries.map(\.content))
        end = found.end
        sequence = UInt64(found.entries.count)
        isAppendable = isPristine
        return !isPristine || !contents.damaged.isEmpty
    }

    /// Writes what counts anew, in files of the wanted size if that can be had. What fails here is
    /// tried again with the next record.
    private mutating func renew(_ contents: Contents, _ size: UInt64) {
        let taken = contents.requests.reduce(JournalHeader.bytes) { $0 + $1.room }
        let fits = taken <= Int(size)
        isAppendable = false
        do throws(StoreError) {
            if fits { try resize(1 - active, to: size) }
            try rewrite(contents.requests, lastID: contents.lastID)
            if fits { try resize(1 - active, to: size) }
        } catch {
            return
        }
    }

    /// Of the file that does not count.
    private mutating func resize(_ place: Int, to size: UInt64) throws(StoreError) {
        if slots[place].size == size { return }
        try blank(place)
        if slots[place].size > size {
            try slots[place].file.truncate(to: size)
            try slots[place].file.sync()
            slots[place].size = size
        } else {
            try Self.fill(&slots[place], to: size)
        }
    }

    // MARK: Writing

    /// Makes `records` durable.
    ///
    /// - Parameters:
    ///   - lastID: the greatest id that was given out.
    ///   - live: all that counts once the records are written, these too.
    /// - Throws: if they may not be durable.
    mutating func append(
        _ records: [FailedRecord], lastID: UInt64, live: () -> [FailedRequest]
    ) throws(StoreError) {
        if isAppendable {
            let bytes = encode(records, from: end, sequence, salt: header.salt)
            if UInt64(end + bytes.count) <= slots[active].size {
                do throws(StoreError) {
                    try Self.write(bytes, to: slots[active].file, at: UInt64(end))
                    try slots[active].file.sync()
                    end += bytes.count
                    sequence += UInt64(records.count)
                    return
                } catch {
                    // What is in the file now is not known; it gets no record any more.
                    isAppendable = false
                }
            }
        }
        try rewrite(live(), lastID: lastID)
    }

    private func encode(
        _ records: [FailedRecord], from start: Int, _ sequence: UInt64, salt: UInt64
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, record) in records.enumerated() {
            let place = JournalRecord.Place(
                offset: start + bytes.count, sequence: sequence + UInt64(index) + 1,
                durable: UInt32(start))
            bytes += record.record.encoded(at: place, salt: salt)
        }
        return bytes
    }

    /// Writes all that counts to the other file, which counts from then on.
    private mutating func rewrite(
        _ requests: [FailedRequest], lastID: UInt64
    ) throws(StoreError) {
        let place = 1 - active
        let start = JournalHeader.bytes
        let salt = random.next()
        let bytes = encode(requests.map { .failed($0) }, from: start, 0, salt: salt)
        let next = JournalHeader(
            generation: header.generation + 1, salt: salt, lastID: lastID,
            synced: UInt32(start + bytes.count))
        guard UInt64(start + bytes.count) <= slots[place].size else {
            throw StoreError(.noSpace, "the journal of failed requests is full")
        }
        // A head that may count must not stand in front of other records.
        if slots[place].isSuspect { try blank(place) }
        try Self.write(bytes, to: slots[place].file, at: UInt64(start))
        try slots[place].file.sync()
        slots[place].isSuspect = true
        try Self.write(next.encoded(), to: slots[place].file, at: 0)
        try slots[place].file.sync()
        slots[place].isSuspect = false
        active = place
        header = next
        sequence = UInt64(requests.count)
        end = start + bytes.count
        isAppendable = true
    }

    private mutating func blank(_ place: Int) throws(StoreError) {
        let zeros = [UInt8](repeating: 0, count: JournalHeader.bytes)
        try Self.write(zeros, to: slots[place].file, at: 0)
        try slots[place].file.sync()
        slots[place].isSuspect = false
    }

    func close() {
        for slot in slots { slot.file.close() }
    }
}

extension FailedJournal.Contents {
    mutating func apply(_ records: [FailedRecord]) {
        var live: [UInt64: FailedRequest] = [:]
        for record in records {
            switch record {
            case .failed(let request):
                live[request.id] = request
                lastID = max(lastID, request.id)
            case .redriven(let id), .dropped(let id): live[id] = nil
            case .refused(let id, let reason):
                live[id]?.isRefused = true
                live[id]?.reason = reason
            }
        }
        requests = live.values.sorted { $0.id < $1.id }
    }
}
