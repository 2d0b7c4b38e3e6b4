import Synchronization

/// A sheet for many writers: what commits, pushes and other threads count. An increment is one
/// locked instruction.
package final class SharedSheet: Sendable {
    let sheet: MetricSheet

    init(size: Int) { sheet = MetricSheet(size: size) }

    /// Counts. An index that is none of the label's counts nothing.
    package func add(_ number: MetricNumber, _ index: Int = 0, by amount: Int = 1) {
        sheet.addShared(number, index, by: amount)
    }

    /// Records one value, in the histogram's unit.
    package func record(_ histogram: MetricHistogram, _ index: Int = 0, _ value: UInt64) {
        sheet.recordShared(histogram, index, value)
    }
}
