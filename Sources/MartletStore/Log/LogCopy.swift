/// Copies the needed part of a log that is being written to: whole segments, and of the one in use
/// what was written at some moment, closed by a seal. The copy is a log that was closed properly.
///
/// Files are copied, never linked: an obsolete segment's file is written over by a later one.
package struct LogCopy {
    let fileSystem: any FileSystem
    let source: String
    let target: String
    /// Called before each piece of work; what it throws ends the copy.
    let proceed: () throws(StoreError) -> Void

    package init(
        _ fileSystem: any FileSystem, from source: String, to target: String,
        proceed: @escaping () throws(StoreError) -> Void
    ) {
        self.fileSystem = fileSystem
        self.source = source
        self.target = target
        self.proceed = proceed
    }

    /// Copies `segments`, which are finished, and the last one up to `end`. None of their files
    /// may be recycled meanwhile.
    ///
    /// - Returns: the bytes copied.
    /// - Throws: `.corruption` where a record in front of `end` is not intact.
    package func run(_ segments: [LogSegment], upTo end: LogEnd) throws(StoreError) -> UInt64 {
        var bytes: UInt64 = 0
        for segment in segments { bytes += try copy(segment, upTo: nil) }
        return bytes + (try copy(end.segment, upTo: end))
    }

    private func copy(_ segment: LogSegment, upTo end: LogEnd?) throws(StoreError) -> UInt64 {
        try proceed()
        let path = LogFormat.segmentPath(source, segment.id)
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        let reader = try LogReader(file: file, fileID: segment.id)
        guard let header = try reader.header(LogFormat.segmentMagic) else {
            throw StoreError(.corruption, "the segment's header is damaged", path: path, offset: 0)
        }
        let isSealed = try walk(reader, to: end?.offset, path)
        let copied = LogFormat.segmentPath(target, segment.id)
        let bytes = try fileSystem.copy(
            path, to: copied, count: reader.offset, paddedTo: reader.fileSize, proceed: proceed)
        if !isSealed, let end {
            try seal(copied, at: end.offset, sequence: end.nextSequence, header)
        }
        return bytes
    }

    /// Verifies all records up to `end`, or up to the seal; whether there was one.
    private func walk(
        _ reader: LogReader, to end: UInt64?, _ path: String
    ) throws(StoreError) -> Bool {
        while reader.offset < end ?? .max {
            let place = reader.offset
            guard case .record(let record, _) = try reader.next() else {
                throw StoreError(.corruption, "a record is damaged", path: path, offset: place)
            }
            if record.type == .seal { return true }
        }
        return false
    }

    /// Every segment has room for its seal.
    private func seal(
        _ path: String, at offset: UInt64, sequence: UInt64, _ segment: LogHeader
    ) throws(StoreError) {
        let file = try fileSystem.open(path, .readWrite)
        defer { file.close() }
        let header = LogRecordHeader(
            payloadCount: 0, epoch: segment.epoch, durableOffset: UInt32(clamping: offset),
            sequence: sequence, type: .seal)
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: LogRecordHeader.size, alignment: 8)
        defer { bytes.deallocate() }
        if let base = bytes.baseAddress {
            header.seal(base, fileID: segment.fileID, offset: offset)
        }
        try file.write(UnsafeRawBufferPointer(bytes), at: offset)
        try file.sync()
    }
}
