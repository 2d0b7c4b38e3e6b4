/// What stands behind a damaged record: decides whether it is a tail that was never promised to be
/// there, or corruption of what was.
package struct LogScan: Sendable, Equatable {
    /// The first intact record behind the damage.
    package var firstRecord: UInt64?
    /// The end of the last intact record behind the damage; the damage's own place if there is
    /// none.
    package var end: UInt64
    /// The greatest offset that an intact record claims had been synced.
    package var durableOffset: UInt64 = 0

    /// Searches every place behind `damage` for intact records of the reader's file with a sequence
    /// of at least `sequence`, and of `epoch` where one is given.
    package init(
        _ reader: LogReader, behind damage: UInt64, sequence: UInt64, epoch: UInt32?
    ) throws(StoreError) {
        end = damage
        var place = damage + UInt64(LogFormat.alignment)
        while let header = try reader.unverifiedHeader(at: place) {
            // Cheap tests first: checksums are taken of what can be a record only.
            if header.trailer != 0, header.sequence >= sequence, header.durableOffset <= place,
                epoch == nil || header.epoch == epoch, try reader.intactRecord(at: place) != nil
            {
                durableOffset = max(durableOffset, UInt64(header.durableOffset))
                firstRecord = firstRecord ?? place
                place += UInt64(header.recordSize)
                end = place
            } else {
                place += UInt64(LogFormat.alignment)
            }
        }
    }
}
