import Histogram

/// Requests of Martlet's own protocol at a fixed rate, in an open loop.
class RequestLoad: Load {
    final let rate: Double
    private let total: UInt64
    private let firstMeasured: UInt64
    private var next: UInt64 = 0
    private var start: UInt64 = 0
    private var answers: UInt64 = 0
    private var latency = Latency.histogram()
    private var lateness = Latency.histogram()
    private var begin: LoadProbe?

    init(_ server: Contender, rate: Double, seconds: Double, warmUp: Double) throws {
        self.rate = rate
        firstMeasured = UInt64(rate * warmUp)
        total = firstMeasured + UInt64(rate * seconds)
        try super.init(server)
    }

    /// Makes request number `index`.
    func ask(_ index: UInt64) {}

    private func due(_ index: UInt64) -> UInt64 { start + UInt64(Double(index) * 1e9 / rate) }

    override final func work(_ now: UInt64) -> UInt64 {
        while next < total {
            let moment = due(next)
            guard moment <= now else { return moment }
            if next == firstMeasured { begin = LoadProbe(server) }
            if next >= firstMeasured { lateness.record(now - moment) }
            ask(next)
            next += 1
        }
        return .max
    }

    override func answered(_ request: UInt64, by client: ChatClient, at now: UInt64) {
        answers += 1
        if request >= firstMeasured { latency.record(now - due(request)) }
    }

    final func measure(_ workload: String) -> ChatResult {
        start = monotonicNanoseconds() + 50_000_000
        let patience = due(total) + 15_000_000_000
        reactor.run(self) { [self] in
            next == total && (answers == total || reactor.now > patience)
        }
        let end = LoadProbe(server)
        var result = ChatResult(server: server.name, workload: workload, rate: rate)
        if let begin {
            result.add(from: begin, to: end, messages: total - firstMeasured)
            let seconds = Double(end.machine.nanoseconds - begin.machine.nanoseconds) / 1e9
            result.deliveredPerSecond = Double(total - firstMeasured) / seconds
        }
        result.acknowledged = Latency(latency)
        result.lateness = Latency(lateness)
        result.unanswered = Int(total - answers)
        result.problems = problems
        result.connections = clients.count
        return result
    }
}

/// Reads of conversations: mostly the newest page, sometimes one further up.
final class HistoryLoad: RequestLoad {
    var limit: UInt64 = 50
    /// Messages in each conversation, about.
    var depth: UInt64 = 0
    let directory: MartletDirectory

    init(_ server: Martlet, rate: Double, seconds: Double, warmUp: Double) throws {
        directory = server.clients
        try super.init(server, rate: rate, seconds: seconds, warmUp: warmUp)
    }

    override func ask(_ index: UInt64) {
        let draw = RandomSource.scramble(index)
        let user = Int(draw % UInt64(clients.count))
        guard let client = clients[user] as? MartletClient,
            let conversation = directory.conversation(.user(user ^ 1))
        else { return }
        let output = reactor.output
        client.request(index) {
            output.append(#""history":{"conversation":""#)
            output.append(hex: conversation)
            output.append(#"","limit":"#)
            output.append(number: limit)
            if depth > 0, draw >> 56 < 52 {
                output.append(#","before":"#)
                output.append(number: 1 + (draw >> 20) % depth)
            }
            output.append("}")
        }
    }
}

/// New devices: connect, log in by token, and load what the first screen shows, in one frame.
final class ColdLoad: RequestLoad {
    private let users: Int
    private var open: [UInt64: ChatClient] = [:]
    private var asked: [UInt64: UInt64] = [:]
    private var served = Latency.histogram()

    init(_ server: Contender, users: Int, rate: Double, seconds: Double, warmUp: Double) throws {
        self.users = users
        try super.init(server, rate: rate, seconds: seconds, warmUp: warmUp)
    }

    /// From `start` to its answer, without connecting and logging in.
    var startAlone: Latency { Latency(served) }

    override func ask(_ index: UInt64) {
        let user = Int(RandomSource.scramble(index) % UInt64(users))
        let client = server.client(reactor, user: user, listener: self)
        client.tag = index
        open[index] = client
        client.connect(port: server.port, source: 2 + Int(index % 8))
    }

    override func ready(_ client: ChatClient) {
        guard let client = client as? MartletClient else { return }
        asked[client.tag] = reactor.now
        client.request(client.tag) { reactor.output.append(#""start":{}"#) }
    }

    override func answered(_ request: UInt64, by client: ChatClient, at now: UInt64) {
        super.answered(request, by: client, at: now)
        if let moment = asked.removeValue(forKey: request) { served.record(now - moment) }
        client.close()
        open[request] = nil
    }
}
