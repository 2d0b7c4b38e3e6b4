/// What a metric is: its names, and its place on every sheet.
///
/// Labels take values from a list that is fixed when the layout is made, so the number of series is
/// bounded, and a series is an index.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package let name: String
    package let help: String
    package let kind: Kind
    /// The label's name; `nil` for a metric with one series.
    package let label: String?
    /// The label's values; one empty text where there is no label.
    package let values: [String]
    /// Histograms: upper bounds of the buckets but the last, in the unit that is recorded.
    package let bounds: [UInt64]
    /// Histograms: decimal digits of a recorded number that are shown behind the point.
    package let decimals: Int
    /// The first cell on a sheet.
    let base: Int
    /// Cells of one series.
    var width: Int { kind == .histogram ? bounds.count + 2 : 1 }
}

/// A counter, or a gauge that is the sum of what the writers say.
package struct MetricNumber: Sendable {
    let base: Int
    let count: Int
}

/// Counts of recorded values in buckets that double.
package struct MetricHistogram: Sendable {
    let base: Int
    let count: Int
    let buckets: Int
    /// The logarithm of the first bound.
    let first: Int

    /// The first bucket whose bound is not below `value`; the one without a bound comes last.
    @inline(__always)
    func bucket(of value: UInt64) -> Int {
        let power = value <= 1 ? 0 : UInt64.bitWidth - (value - 1).leadingZeroBitCount
        return min(max(power - first, 0), buckets)
    }
}

/// Gives metrics their places. One entry makes one metric.
package struct MetricLayout: Sendable {
    package private(set) var families: [MetricFamily] = []
    private(set) var size = 0

    package init() {}

    package mutating func counter(
        _ name: String, _ help: String, label: String? = nil, values: [String] = [""]
    ) -> MetricNumber {
        MetricNumber(
            base: add(name, help, .counter, label, values, [], 0), count: values.count)
    }

    package mutating func gauge(
        _ name: String, _ help: String, label: String? = nil, values: [String] = [""]
    ) -> MetricNumber {
        MetricNumber(base: add(name, help, .gauge, label, values, [], 0), count: values.count)
    }

    /// A histogram whose bounds are the powers of two from `2^first` to `2^last`.
    ///
    /// - Parameter decimals: 6 for microseconds that are shown as seconds.
    package mutating func histogram(
        _ name: String, _ help: String, first: Int, last: Int, decimals: Int,
        label: String? = nil, values: [String] = [""]
    ) -> MetricHistogram {
        let bounds = (first...last).map { UInt64(1) << UInt64($0) }
        return MetricHistogram(
            base: add(name, help, .histogram, label, values, bounds, decimals), count: values.count,
            buckets: bounds.count, first: first)
    }

    private mutating func add(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ label: String?,
        _ values: [String], _ bounds: [UInt64], _ decimals: Int
    ) -> Int {
        let family = MetricFamily(
            name: name, help: help, kind: kind, label: label, values: values, bounds: bounds,
            decimals: decimals, base: size)
        families.append(family)
        size += family.width * values.count
        return family.base
    }
}
