/// What a stored cell says. Raw values are part of the log and table formats.
package enum CellKind: UInt8, Sendable {
    /// A value at (row, qualifier, timestamp).
    case put = 1
    /// Deletes the one version with exactly this timestamp.
    case deleteVersion = 2
    /// Deletes every version of the column with a timestamp at or below this one.
    case deleteColumn = 3
    /// Deletes every cell of the row in this family with a timestamp at or below this one.
    /// Its qualifier is empty, so that it sorts before all that it deletes.
    case deleteFamily = 4
}
