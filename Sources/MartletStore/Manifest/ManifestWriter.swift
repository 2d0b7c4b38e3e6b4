/// Appends edits to the current manifest, and replaces it by a short one when it has grown.
///
/// Used under the store's own lock. A failed write or sync is final, as in the log.
///
/// `@unchecked Sendable`: it has no lock of its own; the owner's lock must be held in every call.
package final class ManifestWriter: @unchecked Sendable {
    /// A manifest is replaced when it has this many bytes and is four times its snapshot.
    private static let rotationSize: UInt64 = 1 << 20
    /// Bytes reserved at once behind the last edit.
    private static let reserve: UInt64 = 64 << 10

    private let fileSystem: any FileSystem
    private let directory: String
    private let rotationSize: UInt64
    private var file: any File
    private var buffer = LogBuffer()
    private var epoch: UInt32
    private var position: UInt64
    private var reserved: UInt64
    private var snapshotEnd: UInt64
    private var edits: UInt64 = 1
    private var failure: StoreError?
    /// The current manifest's number.
    package private(set) var number: UInt64

    /// Makes manifest `number` out of `state` and makes it the current one; other manifests are
    /// removed. For a new store, and at every opening of one, with a number above the one read.
    package init(
        _ fileSystem: any FileSystem, directory: String, number: UInt64, state: ManifestState,
        rotationSize: UInt64? = nil
    ) throws(StoreError) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.rotationSize = rotationSize ?? Self.rotationSize
        self.number = number
        epoch = state.epoch
        let written = try Self.begin(fileSystem, directory, number, state)
        file = written.file
        position = written.end
        reserved = written.end
        snapshotEnd = written.end
        try Self.makeCurrent(fileSystem, directory, number)
        Self.removeOthers(fileSystem, directory, than: number)
    }

    /// Whether a write or sync has failed: it is not known then what the last edit has become.
    package var hasFailed: Bool { failure != nil }

    /// Bytes of the current manifest.
    package var bytes: UInt64 { position }

    /// Makes the edit durable, then part of `state`.
    ///
    /// - Throws: `.corruption` for an edit that `state` refuses, `.noSpace` if there is no room for
    ///   it: nothing has happened then. `.poisoned` after a failed write or sync.
    package func append(
        _ edit: ManifestEdit, to state: inout ManifestState
    ) throws(StoreError) {
        if let failure {
            let message = "the manifest failed before: \(failure.message)"
            throw StoreError(.poisoned, message, path: failure.path)
        }
        var next = state
        try next.apply(edit)
        let payload = edit.encoded()
        let size = UInt64(LogFormat.recordSize(payload: payload.count))
        if position + size > reserved {
            try file.allocate(position + size + Self.reserve)
            reserved = position + size + Self.reserve
        }
        Self.encode(
            payload, sequence: edits + 1, epoch: epoch, durable: position, number: number,
            at: position, into: &buffer)
        do {
            try file.write(buffer.contents, at: position)
            try file.sync()
        } catch {
            failure = error
            throw error
        }
        position += size
        edits += 1
        state = next
        if position > rotationSize, position > 4 * snapshotEnd { rotate(state) }
    }

    /// Never fails the edit that led to it: that one is durable in the old manifest.
    private func rotate(_ state: ManifestState) {
        let written: (file: any File, end: UInt64)
        do {
            written = try Self.begin(fileSystem, directory, number + 1, state)
        } catch {
            // The old one goes on; the next edit tries again.
            return
        }
        do {
            try Self.makeCurrent(fileSystem, directory, number + 1)
        } catch {
            // Which one is current is not known now: the next edit could go to the wrong one.
            failure = error
            return
        }
        file.close()
        file = written.file
        number += 1
        epoch = state.epoch
        position = written.end
        reserved = written.end
        snapshotEnd = written.end
        edits = 1
        Self.removeOthers(fileSystem, directory, than: number)
    }

    private static func encode(
        _ payload: [UInt8], sequence: UInt64, epoch: UInt32, durable: UInt64, number: UInt64,
        at offset: UInt64, into buffer: inout LogBuffer
    ) {
        let header = LogRecordHeader(
            payloadCount: UInt32(truncatingIfNeeded: payload.count), epoch: epoch,
            durableOffset: UInt32(truncatingIfNeeded: durable), sequence: sequence, type: .edit)
        buffer.begin(capacity: header.recordSize)
        payload.withUnsafeBytes {
            buffer.add(
                header, $0, UnsafeRawBufferPointer(start: nil, count: 0), fileID: number,
                offset: offset)
        }
    }

    /// Writes a manifest with the one edit that makes `state`, durable but not current.
    private static func begin(
        _ fileSystem: any FileSystem, _ directory: String, _ number: UInt64,
        _ state: ManifestState
    ) throws(StoreError) -> (file: any File, end: UInt64) {
        let path = "\(directory)/\(ManifestName.name(number))"
        // A crash may have left one that never became current.
        if fileSystem.exists(path) { try fileSystem.remove(path) }
        let file = try fileSystem.open(path, .create)
        let header = LogHeader(
            magic: LogFormat.manifestMagic, epoch: state.epoch, fileID: number,
            storeID: state.storeID, firstSequence: 1, capacity: 0)
        var start = [UInt8](repeating: 0, count: LogHeader.size)
        start.withUnsafeMutableBytes { header.encode(into: $0) }
        try write(start, to: file, at: 0)
        var buffer = LogBuffer()
        let offset = UInt64(LogHeader.size)
        encode(
            state.snapshot.encoded(), sequence: 1, epoch: state.epoch, durable: offset,
            number: number, at: offset, into: &buffer)
        try file.write(buffer.contents, at: offset)
        try file.sync()
        try fileSystem.syncDirectory(directory)
        return (file, offset + UInt64(buffer.count))
    }

    private static func makeCurrent(
        _ fileSystem: any FileSystem, _ directory: String, _ number: UInt64
    ) throws(StoreError) {
        let temporary = "\(directory)/\(ManifestName.temporary)"
        if fileSystem.exists(temporary) { try fileSystem.remove(temporary) }
        let file = try fileSystem.open(temporary, .create)
        try write(ManifestName.line(number), to: file, at: 0)
        try file.sync()
        file.close()
        try fileSystem.rename(temporary, to: "\(directory)/\(ManifestName.current)")
        try fileSystem.syncDirectory(directory)
    }

    private static func write(
        _ bytes: [UInt8], to file: any File, at offset: UInt64
    ) throws(StoreError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(StoreError) in
            try file.write(bytes, at: offset)
        }
    }

    /// What is left over is tried again at the next rotation: only bytes are lost.
    private static func removeOthers(
        _ fileSystem: any FileSystem, _ directory: String, than number: UInt64
    ) {
        for name in (try? fileSystem.list(directory)) ?? [] {
            guard let other = ManifestName.number(of: name), other != number else { continue }
            try? fileSystem.remove("\(directory)/\(name)")
        }
    }
}
