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
    /// Given up by the store and kept for followers, oldest first, without gaps up to `live`.
    private var kept: [LogSegment] = []
    /// The sequence that the follower furthest behind needs next; before anybody said, all.
    private var needed: UInt64 = 0
    private let keptBytesMax: UInt64

    init(
        _ fileSystem: any FileSystem, directory: String, segmentSize: UInt64,
        keptBytesMax: UInt64 = 0
    ) {
        self.keptBytesMax = keptBytesMax
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
            let reader = try LogReader(file: file, fileID: id)
            let header = try reader.header(LogFormat.segmentMagic)
            file.close()
            let segment = LogSegment(
                id: id, bytes: reader.fileSize, firstSequence: header?.firstSequence ?? 0)
            if let header, header.fileID == id {
                try keep([segment])
            } else {
                try retire(segment)
            }
        }
        let first = report.segments.first?.id ?? report.nextSegment
        try giveUp { kept in kept.last.map { $0.id + 1 != first } ?? false ? kept.count : 0 }
    }

    /// Bytes of segments that are kept for followers.
    var keptBytes: UInt64 { monitor.withLock { kept.reduce(0) { $0 + $1.bytes } } }

    /// Nobody needs what is below `sequence` any more.
    func retain(from sequence: UInt64) throws(StoreError) {
        monitor.withLock { needed = sequence }
        try keep([])
    }

    /// Keeps `segments`, which follow those kept before, as far as somebody needs them and there is
    /// room; the rest is retired.
    private func keep(_ segments: [LogSegment]) throws(StoreError) {
        monitor.withLock {
            for segment in segments {
                kept.append(segment)
            }
        }
        try giveUp { kept in
            if let gap = kept.indices.dropFirst().last(where: { kept[$0 - 1].id + 1 != kept[$0].id }
            ) {
                return gap
            }
            guard let first = kept.first else { return 0 }
            let next = kept.count > 1 ? kept[1].firstSequence : live.first?.firstSequence ?? .max
            let bytes = kept.reduce(0) { $0 + $1.bytes }
            return bytes > keptBytesMax || next <= needed || first.firstSequence == 0 ? 1 : 0
        }
    }

    /// Retires the first ones of what is kept, as many as `count` says, until it says none.
    private func giveUp(_ count: ([LogSegment]) -> Int) throws(StoreError) {
        while true {
            let gone = monitor.withLock {
                let gone = kept.prefix(count(kept))
                kept.removeFirst(gone.count)
                return Array(gone)
            }
            if gone.isEmpty { return }
            for segment in gone { try retire(segment) }
        }
    }

    func add(_ segment: LogSegment) { monitor.withLock { live.append(segment) } }

    func obsolete(before id: UInt64) throws(StoreError) {
        let gone = monitor.withLock {
            let gone = live.dropLast().filter { $0.id < id }
            live.removeFirst(gone.count)
            return gone
        }
        try keep(gone)
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
