/// Watches a call until its outcome, which comes on any thread: times sends, and has logged what is
/// worth a line.
struct CallWatch: Sendable {
    private let start: UInt64
    private let sheet: SharedSheet?
    private let latency: MetricHistogram

    private let gate: Gate
    private let label: PeerLabel
    private let verb: String

    init(_ call: ChatCall, _ meter: HubMeter, _ gate: Gate, _ label: PeerLabel) {
        self.gate = gate
        self.label = label
        verb = call.verb
        latency = meter.metrics.latency
        if case .send = call {
            start = HubMeter.now()
            sheet = meter.shared
        } else {
            start = 0
            sheet = nil
        }
    }

    func ended(_ outcome: ChatOutcome) {
        gate.ended(verb, label, outcome.error)
        sheet?.record(
            latency, ServerMetrics.LatencyStage.commit.index, HubMeter.now() &- start)
    }
}
