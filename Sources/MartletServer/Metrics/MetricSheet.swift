import Synchronization

/// The cells of all metrics, as one writer counts in them.
///
/// A sheet belongs to one thread at a time, an event loop, which adds with a plain load and a plain
/// store; a reader on any thread sees each cell whole, and adds up all sheets. So an increment
/// costs what `+= 1` costs: no lock, no locked instruction, no allocation.
///
/// `@unchecked Sendable`: the cells are atomics at fixed addresses for the sheet's life. That only
/// one thread writes is the owner's duty; were it broken, counts would be lost, no more.
package final class MetricSheet: @unchecked Sendable {
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let size: Int

    init(size: Int) {
        self.size = size
        cells = .allocate(capacity: max(size, 1))
        for index in 0..<size { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: size)
        cells.deallocate()
    }

    @inline(__always)
    private func add(_ amount: UInt64, at index: Int) {
        let value = cells[index].load(ordering: .relaxed)
        cells[index].store(value &+ amount, ordering: .relaxed)
    }

    /// Counts. An index that is none of the label's counts nothing.
    @inline(__always)
    package func add(_ number: MetricNumber, _ index: Int = 0, by amount: Int = 1) {
        guard index >= 0, index < number.count else { return }
        add(UInt64(bitPattern: Int64(amount)), at: number.base + index)
    }

    /// Sets this writer's share of a gauge.
    @inline(__always)
    package func set(_ number: MetricNumber, _ index: Int = 0, to value: Int) {
        guard index >= 0, index < number.count else { return }
        cells[number.base + index].store(
            UInt64(bitPattern: Int64(value)), ordering: .relaxed)
    }

    /// Records one value, in the histogram's unit.
    @inline(__always)
    package func record(_ histogram: MetricHistogram, _ index: Int = 0, _ value: UInt64) {
        guard index >= 0, index < histogram.count else { return }
        let base = histogram.base + index * (histogram.buckets + 2)
        add(1, at: base + histogram.bucket(of: value))
        add(value, at: base + histogram.buckets + 1)
    }

    /// As `add`, from any thread. A sheet takes this or the other, not both.
    func addShared(_ number: MetricNumber, _ index: Int, by amount: Int) {
        guard index >= 0, index < number.count else { return }
        cells[number.base + index].wrappingAdd(
            UInt64(bitPattern: Int64(amount)), ordering: .relaxed)
    }

    /// As `record`, from any thread.
    func recordShared(_ histogram: MetricHistogram, _ index: Int, _ value: UInt64) {
        guard index >= 0, index < histogram.count else { return }
        let base = histogram.base + index * (histogram.buckets + 2)
        cells[base + histogram.bucket(of: value)].wrappingAdd(1, ordering: .relaxed)
        cells[base + histogram.buckets + 1].wrappingAdd(value, ordering: .relaxed)
    }

    /// Any thread.
    func value(at index: Int) -> UInt64 { cells[index].load(ordering: .relaxed) }
}
