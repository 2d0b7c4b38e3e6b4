/// The log's files: which are needed, which can be used again.
///
/// `@unchecked Sendable`: the mutable state is read and written under `monitor` only.
final class LogSegmentPool: @unchecked Sendable {
    /// Files kept for another use; more are removed.
    private static let keptForRecycling = 2

    private let fileSystem: any FileSystem
    private let directory: String
    private let segmentSize: UInt64
    private let monitor = Monitor()
    private var live: [LogSegment] = []
    private var recyclable: [UInt64] = []

    init(_ fileSystem: any FileSystem, directory: String, segmentSize: UInt64) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.segmentSize = segmentSize
    }

    var segments: [LogSegment] { monitor.withLock { live } }
    var bytes: UInt64 { monitor.withLock { live.reduce(0) { $0 + $1.bytes } } }

    /// Takes over the segments that a recovery found.
    func adopt(_ report: LogReport) throws(StoreError) {
        monitor.withLock { live = report.segments }
        for id in report.obsolete {
            let file = try fileSystem.open(LogFormat.segmentPath(directory, id), .read)
            let size = try file.size()
            file.close()
            try retire(LogSegment(id: id, bytes: size, firstSequence: 0))
        }
    }

    func add(_ segment: LogSegment) { monitor.withLock { live.append(segment) } }

    func obsolete(before id: UInt64) throws(StoreError) {
        let gone = monitor.withLock {
            let gone = live.dropLast().filter { $0.id < id }
            live.removeFirst(gone.count)
            return gone
        }
        for segment in gone { try retire(segment) }
    }

    private func retire(_ segment: LogSegment) throws(StoreError) {
        let isKept = monitor.withLock {
            let isKept = segment.bytes == segmentSize && recyclable.count < Self.keptForRecycling
            if isKept { recyclable.append(segment.id) }
            return isKept
        }
        if !isKept { try fileSystem.remove(LogFormat.segmentPath(directory, segment.id)) }
    }

    /// The file for `segment`, all its bytes reserved, without a header of its own yet. Where this
    /// throws, no file is left.
    func prepare(_ segment: LogSegment) throws(StoreError) -> any File {
        let path = LogFormat.segmentPath(directory, segment.id)
        let old = monitor.withLock {
            segment.bytes == segmentSize ? recyclable.popLast() : nil
        }
        do {
            // An earlier try, refused by a full disk, may have left one.
            if fileSystem.exists(path) { try fileSystem.remove(path) }
            if let old {
                try fileSystem.rename(LogFormat.segmentPath(directory, old), to: path)
                return try fileSystem.open(path, .readWrite)
            }
            let file = try fileSystem.open(path, .create)
            try file.allocate(segment.bytes)
            return file
        } catch {
            // Left over, the file would be an unfinished segment: in the way, not harmful.
            try? fileSystem.remove(path)
            throw error
        }
    }
}
