/// Times a send from its call to its outcome, which comes on any thread.
struct CallWatch: Sendable {
    private let start: UInt64
    private let sheet: SharedSheet?
    private let latency: MetricHistogram

    init(_ call: ChatCall, _ meter: HubMeter) {
        latency = meter.metrics.latency
        if case .send = call {
            start = HubMeter.now()
            sheet = meter.shared
        } else {
            start = 0
            sheet = nil
        }
    }

    func ended() {
        sheet?.record(
            latency, ServerMetrics.LatencyStage.commit.index, HubMeter.now() &- start)
    }
}
