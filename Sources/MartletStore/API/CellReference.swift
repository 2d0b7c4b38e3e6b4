/// A cell as the rooms of the engine hand it on: pointers into memory that the cursor or the batch
/// which produced it keeps alive until that cursor moves or that batch ends. Nothing is copied.
package struct CellReference {
    package var row: UnsafeRawBufferPointer
    package var qualifier: UnsafeRawBufferPointer
    /// Microseconds since 1970.
    package var timestamp: UInt64
    /// `sequence << 8 | kind`.
    package var trailer: UInt64
    /// Microseconds after `timestamp` at which the cell expires; 0 for never.
    package var timeToLive: UInt64
    package var value: UnsafeRawBufferPointer

    @inline(__always)
    package init(
        row: UnsafeRawBufferPointer, qualifier: UnsafeRawBufferPointer, timestamp: UInt64,
        trailer: UInt64, timeToLive: UInt64 = 0, value: UnsafeRawBufferPointer
    ) {
        self.row = row
        self.qualifier = qualifier
        self.timestamp = timestamp
        self.trailer = trailer
        self.timeToLive = timeToLive
        self.value = value
    }

    @inline(__always) package var sequence: UInt64 { trailer >> 8 }
    @inline(__always) package var kindByte: UInt8 { UInt8(truncatingIfNeeded: trailer) }
}

/// A place in the order of cells, to seek to.
///
/// Cells are ordered by row (unsigned bytes, a prefix first), qualifier (likewise), timestamp
/// (newest first), trailer (newest sequence first).
package struct CellPosition {
    package var row: UnsafeRawBufferPointer
    package var qualifier: UnsafeRawBufferPointer
    package var timestamp: UInt64
    package var trailer: UInt64

    @inline(__always)
    package init(
        row: UnsafeRawBufferPointer, qualifier: UnsafeRawBufferPointer, timestamp: UInt64,
        trailer: UInt64
    ) {
        self.row = row
        self.qualifier = qualifier
        self.timestamp = timestamp
        self.trailer = trailer
    }

    /// Before every cell of `row`.
    @inline(__always)
    package init(startOf row: UnsafeRawBufferPointer) {
        self.init(
            row: row, qualifier: UnsafeRawBufferPointer(start: nil, count: 0), timestamp: .max,
            trailer: .max)
    }

    @inline(__always)
    package init(_ cell: CellReference) {
        self.init(
            row: cell.row, qualifier: cell.qualifier, timestamp: cell.timestamp,
            trailer: cell.trailer)
    }
}
