import Foundation
import Histogram

/// Messages at a fixed rate, whatever the server does: an open loop. Each message has its moment in
/// advance, and its latency counts from there, so a slow answer cannot hide those behind it.
class MessageLoad: Load {
    struct Plan {
        /// Messages per second.
        var rate: Double
        /// Seconds that are measured, and seconds before them that are not.
        var seconds: Double
        var warmUp: Double
        /// Recipients of each message.
        var fanOut = 1
        /// Who sends message k, and to whom.
        var route: (UInt64) -> (sender: Int, Target)
    }

    final let plan: Plan
    final let body: MessageBody
    final let total: UInt64
    private let firstMeasured: UInt64
    private var next: UInt64 = 0
    private(set) final var start: UInt64 = 0
    /// Seconds after the last message in which everything must have arrived.
    final var patience = 15.0
    private var acknowledgedOnce: [Bool]
    private var arrivals: [UInt16]
    private var acknowledgedCount: UInt64 = 0
    private var deliveredCount: UInt64 = 0
    private var measuredDeliveries: UInt64 = 0
    private var doubled = 0
    private var lastDelivery: UInt64 = 0
    private let expectsAcknowledgement: Bool
    private var toAcknowledged = Latency.histogram()
    private var toDelivered = Latency.histogram()
    private var lateness = Latency.histogram()
    private var begin: LoadProbe?

    init(_ server: Contender, _ plan: Plan, _ body: MessageBody) throws {
        self.plan = plan
        self.body = body
        firstMeasured = UInt64(plan.rate * plan.warmUp)
        total = firstMeasured + UInt64(plan.rate * plan.seconds)
        acknowledgedOnce = Array(repeating: false, count: Int(total))
        arrivals = Array(repeating: 0, count: Int(total))
        expectsAcknowledgement = server.acknowledgesMessages
        try super.init(server)
    }

    final func due(_ index: UInt64) -> UInt64 {
        start + UInt64(Double(index) * 1e9 / plan.rate)
    }

    /// Sends everything, waits for what is owed, and tells.
    final func measure(_ workload: String) -> ChatResult {
        start = monotonicNanoseconds() + 50_000_000
        let end = due(total) + UInt64(patience * 1e9)
        let owed = total * UInt64(plan.fanOut)
        reactor.run(self) { [self] in
            if next < total { return false }
            let isAnswered = !expectsAcknowledgement || acknowledgedCount == total
            return (deliveredCount == owed && isAnswered) || reactor.now > end
        }
        let last = LoadProbe(server)
        var result = ChatResult(server: server.name, workload: workload, rate: plan.rate)
        if let begin { result.add(from: begin, to: last, messages: total - firstMeasured) }
        let seconds = Double(max(lastDelivery, due(firstMeasured) + 1) - due(firstMeasured)) / 1e9
        result.deliveredPerSecond = Double(measuredDeliveries) / seconds
        if expectsAcknowledgement { result.acknowledged = Latency(toAcknowledged) }
        result.delivered = Latency(toDelivered)
        result.lateness = Latency(lateness)
        result.missing = Int(owed) - Int(deliveredCount)
        result.unanswered = expectsAcknowledgement ? Int(total - acknowledgedCount) : 0
        result.doubled = doubled
        result.disorders = clients.reduce(0) { $0 + $1.disorders }
        result.problems = problems
        result.connections = clients.count
        return result
    }

    /// Sends one message; its moment has come.
    func post(_ index: UInt64, from sender: Int, to target: Target) {
        clients[sender].send(index, to: target, body)
    }

    /// Message number `index` has arrived for the first time.
    func arrived(_ index: UInt64, at client: ChatClient) {}

    override func work(_ now: UInt64) -> UInt64 {
        while next < total {
            let moment = due(next)
            guard moment <= now else { return moment }
            if next == firstMeasured { begin = LoadProbe(server) }
            let (sender, target) = plan.route(next)
            if next >= firstMeasured { lateness.record(now - moment) }
            post(next, from: sender, to: target)
            next += 1
        }
        return .max
    }

    override func acknowledged(_ index: UInt64, at now: UInt64) {
        guard index < total, !acknowledgedOnce[Int(index)] else {
            doubled += 1
            return
        }
        acknowledgedOnce[Int(index)] = true
        acknowledgedCount += 1
        if index >= firstMeasured { toAcknowledged.record(now - due(index)) }
    }

    override func delivered(_ index: UInt64, to client: ChatClient, at now: UInt64) {
        guard index < total, Int(arrivals[Int(index)]) < plan.fanOut else {
            doubled += 1
            return
        }
        arrivals[Int(index)] += 1
        deliveredCount += 1
        arrived(index, at: client)
        guard index >= firstMeasured else { return }
        measuredDeliveries += 1
        lastDelivery = now
        toDelivered.record(now - due(index))
    }
}
