import NIOConcurrencyHelpers

/// All sheets of a server, and what is asked for when somebody reads: the source of `/metrics`.
package final class MetricRegistry: Sendable {
    package let metrics: ServerMetrics
    private let sheets = NIOLockedValueBox<[MetricSheet]>([])
    private let collectors = NIOLockedValueBox<[@Sendable (inout MetricText) -> Void]>([])

    /// For threads without a sheet of their own.
    package let shared: SharedSheet

    package init(_ metrics: ServerMetrics = ServerMetrics()) {
        self.metrics = metrics
        shared = SharedSheet(size: metrics.layout.size)
        sheets.withLockedValue { $0.append(shared.sheet) }
    }

    /// A sheet for one more writer.
    package func makeSheet() -> MetricSheet {
        let sheet = MetricSheet(size: metrics.layout.size)
        sheets.withLockedValue { $0.append(sheet) }
        return sheet
    }

    /// Has `body` called at each reading, for numbers that are kept elsewhere. It must not block.
    package func onReading(_ body: @escaping @Sendable (inout MetricText) -> Void) {
        collectors.withLockedValue { $0.append(body) }
    }

    /// Everything in Prometheus' text format 0.0.4.
    package func text() -> String {
        let sheets = sheets.withLockedValue { $0 }
        var text = MetricText()
        for family in metrics.layout.families {
            text.begin(family.name, family.help, family.kind)
            for (index, value) in family.values.enumerated() {
                let label = family.label.map { ($0, value) }
                let base = family.base + index * family.width
                let cells = (base..<base + family.width).map { cell in
                    sheets.reduce(UInt64(0)) { $0 &+ $1.value(at: cell) }
                }
                if family.kind == .histogram {
                    text.histogram(family, label, cells)
                } else {
                    text.sample(family.name, label, Int64(bitPattern: cells[0]))
                }
            }
        }
        for collector in collectors.withLockedValue({ $0 }) { collector(&text) }
        return text.text
    }
}
