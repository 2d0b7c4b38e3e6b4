extension LogEnd {
    /// An end that another process tells: of its segment no more than the id.
    package init(segment id: UInt64, offset: UInt64, nextSequence: UInt64) {
        self.init(
            segment: LogSegment(id: id, bytes: 0, firstSequence: 0), offset: offset,
            nextSequence: nextSequence)
    }
}
