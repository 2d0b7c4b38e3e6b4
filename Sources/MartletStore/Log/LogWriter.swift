import Synchronization

/// Appends groups of records to the log. See docs/formats/log.md.
///
/// A group is `begin`, `add` for each record, `write` (one system call), `sync` if asked for. A
/// group never straddles segments. A failed write or sync is final: the writer refuses all that
/// follows with `.poisoned`, because a second sync that succeeds proves nothing.
///
/// `@unchecked Sendable`: `begin`, `add`, `write`, `sync`, `close` and what they touch belong to
/// one thread at a time, the commit leader, which the caller's own lock must see to; what other
/// threads use (`segments`, `bytes`, `obsolete`, `bytesWritten`, `syncs`, `syncWritten`, `end`) is
/// in `pool`, which has its own lock, in atomics, in `tailFile` and `tailEnd` under `tail`, and in
/// `syncFailure` under `syncing`.
package final class LogWriter: @unchecked Sendable {
    private let fileSystem: any FileSystem
    private let directory: String
    private let storeID: StoreID
    /// Of the records that are written now.
    package private(set) var epoch: UInt32
    private let segmentSize: Int
    private let pool: LogSegmentPool
    private let written = Atomic<UInt64>(0)

    private var buffer = LogBuffer()
    private let tail = Monitor()
    private var tailFile: any File
    private var tailEnd: LogEnd
    private let syncCount = Atomic<UInt64>(0)
    private let syncing = Monitor()
    private var syncFailure: StoreError?
    private var file: any File
    private var segment: LogSegment
    /// Where the next group is written.
    private var position = UInt64(LogHeader.size)
    private var durable = UInt64(LogHeader.size)
    private var expected: UInt64
    /// `expected` behind what is written.
    private var expectedWritten: UInt64
    private var failure: StoreError?

    /// Begins a new segment behind those of `recovered`, never in one of them.
    ///
    /// - Parameters:
    ///   - epoch: not less than `recovered.epoch`.
    ///   - segmentSize: bytes of a segment, 4 KiB to 1 GiB; larger groups get a segment of their
    ///     own.
    ///   - retainedBytes: of segments that are given up and kept for followers, at most.
    ///   - nextSequence: the sequence of the first record if the log has no segment. If it has,
    ///     records may begin later than it expects, not sooner.
    package init(
        _ fileSystem: any FileSystem, directory: String, storeID: StoreID, epoch: UInt32,
        segmentSize: Int, retainedBytes: UInt64 = 0, recovered: LogReport, nextSequence: UInt64
    ) throws(StoreError) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.storeID = storeID
        self.epoch = epoch
        self.segmentSize = min(max(segmentSize, 4 << 10), 1 << 30)
        pool = LogSegmentPool(
            fileSystem, directory: directory, segmentSize: UInt64(self.segmentSize),
            keptBytesMax: retainedBytes)
        try pool.adopt(recovered)
        expected = recovered.nextSequence ?? nextSequence
        expectedWritten = expected
        segment = LogSegment(
            id: recovered.nextSegment, bytes: UInt64(self.segmentSize), firstSequence: expected)
        file = try pool.prepare(segment)
        tailFile = file
        tailEnd = LogEnd(segment: segment, offset: UInt64(LogHeader.size), nextSequence: expected)
        try start(segment, file)
        pool.add(segment)
    }

    /// The segment that the next group goes to, if it fits. Batches written from now on are in this
    /// segment or later ones.
    package var currentSegment: UInt64 { segment.id }
    /// The sequence that the next record must at least have.
    package var nextSequence: UInt64 { expected }
    /// Up to where the current segment is written, and up to where it is synced.
    package var offsets: (written: UInt64, durable: UInt64) { (position, durable) }
    /// The segments not yet obsolete, oldest first, the current one last. Any thread.
    package var segments: [LogSegment] { pool.segments }
    /// Bytes of those segments' files. Any thread.
    package var bytes: UInt64 { pool.bytes }
    /// Bytes given to the kernel since this writer began. Any thread.
    package var bytesWritten: UInt64 { written.load(ordering: .relaxed) }
    /// Syncs of segments since this writer began, failed ones too. Any thread.
    package var syncs: UInt64 { syncCount.load(ordering: .relaxed) }

    /// Where the log ends at this moment, and the segments in front. Any thread.
    package func end() -> (segments: [LogSegment], end: LogEnd) {
        let end = tail.withLock { tailEnd }
        return (segments.filter { $0.id < end.segment.id }, end)
    }

    /// Begins a group, dropping what was added and not written. Goes to the next segment if this
    /// one has no room for it: what was written is synced then.
    ///
    /// - Parameters:
    ///   - records: at least as many as will be added.
    ///   - payloadBytes: at least the bytes of their payloads.
    /// - Throws: `.noSpace` where the next segment cannot be reserved; the writer is as before
    ///   then,
    ///   and a later `begin` can succeed. `.poisoned`, or the error that poisons.
    package func begin(records: Int, payloadBytes: Int) throws(StoreError) {
        try check()
        expected = expectedWritten
        // Each record has a header, up to 7 bytes of padding, and maybe a gap record in front.
        let group = payloadBytes + records * (2 * LogRecordHeader.size + LogFormat.alignment)
        let needed = group + LogRecordHeader.size
        if position + UInt64(needed) > segment.bytes {
            try roll(capacity: max(segmentSize, (LogHeader.size + needed + 4095) & ~4095))
        }
        buffer.begin(capacity: group)
    }

    /// Adds a batch that takes `count` sequences from `sequence` on; its payload is `head` followed
    /// by `tail`. Sequences skipped since the last one are recorded as given out without the log.
    ///
    /// - Throws: `.invalidArgument` for a sequence that is in the log already.
    @inline(__always)
    package func add(
        sequence: UInt64, count: UInt64, head: UnsafeRawBufferPointer,
        tail: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(StoreError) {
        if sequence != expected {
            guard sequence > expected else {
                throw StoreError(.invalidArgument, "sequence \(sequence) is in the log already")
            }
            put(.gap, sequence, UnsafeRawBufferPointer(start: nil, count: 0), tail: .none)
        }
        put(.batch, sequence, head, tail: tail)
        expected = sequence + count
    }

    /// Adds the record that says that the sequences below `sequence` were given out without the
    /// log; a follower has it from its primary.
    ///
    /// - Throws: `.invalidArgument` for a sequence that is in the log already.
    package func addGap(upTo sequence: UInt64) throws(StoreError) {
        guard sequence > expected else {
            throw StoreError(.invalidArgument, "sequence \(sequence) is in the log already")
        }
        put(.gap, sequence, UnsafeRawBufferPointer(start: nil, count: 0), tail: .none)
        expected = sequence
    }

    /// As above, for a payload that begins with the store's timestamp, which only the committer
    /// knows; `rest` is all behind it.
    @inline(__always)
    package func add(
        sequence: UInt64, count: UInt64, timestamp: UInt64, rest: UnsafeRawBufferPointer
    ) throws(StoreError) {
        var little = timestamp.littleEndian
        try withUnsafeBytes(of: &little) { head throws(StoreError) in
            try add(sequence: sequence, count: count, head: head, tail: rest)
        }
    }

    @inline(__always)
    private func put(
        _ type: LogRecordType, _ sequence: UInt64, _ head: UnsafeRawBufferPointer,
        tail: UnsafeRawBufferPointer?
    ) {
        let tail = tail ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let header = LogRecordHeader(
            payloadCount: UInt32(truncatingIfNeeded: head.count + tail.count), epoch: epoch,
            durableOffset: UInt32(truncatingIfNeeded: durable), sequence: sequence, type: type)
        buffer.add(
            header, head, tail, fileID: segment.id, offset: position + UInt64(buffer.count))
    }

    /// Goes on in a segment of `epoch`: a segment has one. What was written is synced. No effect if
    /// it is the epoch already.
    ///
    /// - Throws: as `begin`; `.invalidArgument` for a lower epoch.
    package func raise(epoch: UInt32) throws(StoreError) {
        try check()
        guard epoch != self.epoch else { return }
        guard epoch > self.epoch else {
            throw StoreError(.invalidArgument, "the log is in epoch \(self.epoch), not \(epoch)")
        }
        expected = expectedWritten
        try roll(capacity: segmentSize, epoch: epoch)
    }

    /// Hands the group to the kernel. It survives the process from here on, not the machine.
    package func write() throws(StoreError) {
        try check()
        guard buffer.count > 0 else { return }
        try poisoning { () throws(StoreError) in
            try file.write(buffer.contents, at: position)
        }
        position += UInt64(buffer.count)
        written.add(UInt64(buffer.count), ordering: .relaxed)
        expectedWritten = expected
        tail.withLock {
            tailEnd = LogEnd(segment: segment, offset: position, nextSequence: expected)
        }
        buffer.begin(capacity: 0)
    }

    /// Makes all that was written durable.
    package func sync() throws(StoreError) {
        try check()
        guard durable < position else { return }
        try poisoning { () throws(StoreError) in try syncFile(file) }
        durable = position
    }

    /// Makes all that was written before the call durable. Any thread; does not move what records
    /// claim to be durable, which belongs to the leader.
    ///
    /// - Throws: the failure of the sync, which proves nothing about what was written: the caller
    ///   must see to it that nothing is acknowledged after it.
    package func syncWritten() throws(StoreError) {
        let file = tail.withLock { tailFile }
        do throws(StoreError) {
            try syncFile(file)
        } catch {
            // Closed: the leader has gone on to the next segment, and synced this one before.
            guard error.code == .closed else { throw error }
        }
    }

    /// One sync at a time, and none after a failed one: the kernel reports a failure once and calls
    /// the lost pages clean, so whoever syncs next would be told that all is well.
    private func syncFile(_ file: any File) throws(StoreError) {
        try syncing.withLock { () throws(StoreError) in
            if let syncFailure { throw syncFailure }
            syncCount.add(1, ordering: .relaxed)
            do throws(StoreError) {
                try file.sync()
            } catch {
                if error.code != .closed { syncFailure = error }
                throw error
            }
        }
    }

    /// Syncs, seals the segment and refuses all that follows. A group not written is dropped.
    package func close() throws(StoreError) {
        expected = expectedWritten
        try finish()
        failure = StoreError(.closed, "the log is closed", path: directory)
    }

    /// Gives up the segments below `id`: their files are recycled or removed. The manifest must
    /// durably name `id`, or a later one, as the oldest needed first. Any thread.
    package func obsolete(before id: UInt64) throws(StoreError) {
        try pool.obsolete(before: id)
    }

    /// Segments that are given up are kept while they hold something at or behind `sequence`, and
    /// fit into what was allowed. Any thread.
    package func retain(from sequence: UInt64) throws(StoreError) {
        try pool.retain(from: sequence)
    }

    /// Bytes of segments that are kept for followers. Any thread.
    package var retainedBytes: UInt64 { pool.keptBytes }

    private func check() throws(StoreError) {
        guard let failure else { return }
        if failure.code == .closed { throw failure }
        let message = "the log failed before: \(failure.message)"
        throw StoreError(.poisoned, message, path: failure.path, offset: failure.offset)
    }

    /// Whether the writer refuses everything from now on. The leader only.
    package var hasFailed: Bool { failure != nil }

    private func poisoning(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        do {
            try body()
        } catch {
            // Too late for a refusal: part of it may be written, so it must not look retryable.
            let final =
                error.isRetryable
                ? StoreError(.io, error.message, path: error.path, offset: error.offset) : error
            failure = final
            throw final
        }
    }

    /// Syncs and seals the current segment, and lets go of its file.
    private func finish() throws(StoreError) {
        buffer.begin(capacity: LogRecordHeader.size)
        try sync()
        put(.seal, expected, UnsafeRawBufferPointer(start: nil, count: 0), tail: .none)
        try write()
        try sync()
        file.close()
    }

    private func roll(capacity: Int, epoch: UInt32? = nil) throws(StoreError) {
        let next = LogSegment(
            id: segment.id + 1, bytes: UInt64(capacity), firstSequence: expected)
        // Reserved before anything is touched: a full disk refuses the group and no more.
        let nextFile = try pool.prepare(next)
        try finish()
        self.epoch = epoch ?? self.epoch
        try poisoning { () throws(StoreError) in try start(next, nextFile) }
        segment = next
        file = nextFile
        position = UInt64(LogHeader.size)
        durable = position
        tail.withLock {
            tailFile = nextFile
            tailEnd = LogEnd(segment: next, offset: position, nextSequence: expected)
        }
        pool.add(next)
    }

    /// Writes the header and makes it and the file's name durable, before any record is.
    private func start(_ segment: LogSegment, _ file: any File) throws(StoreError) {
        let header = LogHeader(
            magic: LogFormat.segmentMagic, epoch: epoch, fileID: segment.id, storeID: storeID,
            firstSequence: segment.firstSequence,
            capacity: UInt32(truncatingIfNeeded: segment.bytes))
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: LogHeader.size, alignment: 8)
        defer { bytes.deallocate() }
        header.encode(into: bytes)
        try file.write(UnsafeRawBufferPointer(bytes), at: 0)
        try file.sync()
        try fileSystem.syncDirectory(directory)
    }
}
