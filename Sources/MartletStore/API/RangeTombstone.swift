/// A delete of every cell of a family whose row lies in `start ..< end`, written before `sequence`.
package struct RangeTombstone: Sendable, Equatable {
    /// The first row deleted.
    package var start: [UInt8]
    /// The first row not deleted; empty means: to the end of the table.
    package var end: [UInt8]
    /// Cells with a lower sequence are deleted.
    package var sequence: UInt64

    package init(start: [UInt8], end: [UInt8], sequence: UInt64) {
        self.start = start
        self.end = end
        self.sequence = sequence
    }
}
