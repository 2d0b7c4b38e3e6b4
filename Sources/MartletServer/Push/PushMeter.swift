import MartletPush

/// Counts what becomes of pushes.
struct PushMeter: Sendable {
    private let sheet: SharedSheet
    private let pushes: MetricNumber

    init(_ registry: MetricRegistry) {
        sheet = registry.shared
        pushes = registry.metrics.pushes
    }

    func count(_ result: ServerMetrics.PushResult) { sheet.add(pushes, result.index) }

    /// An attempt's outcome. One that is sent again without its payload counts when that is.
    func count(_ outcome: PushOutcome) {
        switch outcome {
        case .accepted: count(.delivered)
        case .retry: count(.retried)
        case .dropSubscription: count(.gone)
        case .refused: count(.rejected)
        case .shrink: break
        }
    }
}
