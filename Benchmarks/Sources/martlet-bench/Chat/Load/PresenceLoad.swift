import Histogram

/// Few write to each other, while many who look at each other all lose their connections within a
/// second and come back within some seconds. Tells the latency of the messages before, during and
/// behind that: presence must not be felt by them.
final class PresenceLoad: MessageLoad {
    struct Storm {
        /// The first clients write; the others come and go.
        var writers: Int
        /// Users that each of the others watches; 0: nobody looks, all else is the same.
        var watched: Int
        /// Seconds after the first message that is measured.
        var after: Double
        /// Seconds within which everybody tries to come back.
        var within: Double
        /// Seconds from the fall on whose messages are those of the storm.
        var lasts: Double
    }

    private let storm: Storm
    private var random: RandomSource
    /// By what is asked of a client: only so many at once, as of people.
    private var asking = 0
    private var nextToAsk: Int
    private var isAsking = false
    private var hasFallen = false
    private var fallenAt: UInt64 = 0
    /// Who is cut off next.
    private var nextCut: Int
    /// Who comes back at which moment, the first one first.
    private var returns: [(moment: UInt64, place: Int)] = []
    private var nextReturn = 0
    private var back = Latency.histogram()
    private var lastBack: UInt64 = 0
    private var backCount = 0
    /// Before, during and behind the storm.
    private var phases = (0..<3).map { _ in Latency.histogram() }
    private(set) var putOff = 0

    init(
        _ server: Contender, _ plan: Plan, _ body: MessageBody, _ storm: Storm, seed: UInt64
    ) throws {
        self.storm = storm
        random = RandomSource(seed: seed, stream: 0x93E5)
        nextToAsk = storm.writers
        nextCut = storm.writers
        try super.init(server, plan, body)
    }

    /// Lets everybody be seen, and look.
    func look() throws {
        isAsking = true
        defer { isAsking = false }
        let deadline = monotonicNanoseconds() + 120_000_000_000
        reactor.run(self) { [self] in
            (nextToAsk == clients.count && asking == 0) || reactor.now > deadline
        }
        guard asking == 0 else { throw BenchError("\(asking) of those who look have no answer") }
    }

    /// What `measure` gave, once for each phase.
    func phases(_ result: ChatResult) -> [ChatResult] {
        let names = ["before the storm", "in the storm", "behind the storm"]
        return zip(names, phases).map { name, latencies in
            var phase = result
            phase.workload = name
            phase.delivered = Latency(latencies)
            phase.acknowledged = nil
            if name == "in the storm" {
                phase.back = Latency(back)
                phase.backSeconds = Double(lastBack - min(fallenAt, lastBack)) / 1e9
                phase.putOff = putOff
                phase.missing += clients.count - storm.writers - backCount
            }
            return phase
        }
    }

    override func work(_ now: UInt64) -> UInt64 {
        if isAsking {
            ask()
            return .max
        }
        let fall = start + UInt64((plan.warmUp + storm.after) * 1e9)
        if now >= fall { cut(now) }
        while nextReturn < returns.count, returns[nextReturn].moment <= now {
            let place = returns[nextReturn].place
            clients[place].connect(port: server.port, source: 2 + place / 4000)
            nextReturn += 1
        }
        let next = nextReturn < returns.count ? returns[nextReturn].moment : .max
        return min(super.work(now), next, cutTime(nextCut) ?? .max)
    }

    /// All are cut off within a second, one after the other: all at once would hold up the
    /// generator itself.
    private func cut(_ now: UInt64) {
        if !hasFallen {
            hasFallen = true
            fallenAt = now
            returns = (storm.writers..<clients.count).map { place in
                let delay = UInt64(random.unit() * storm.within * 1e9)
                return ((cutTime(place) ?? now) + delay, place)
            }
            returns.sort { $0.moment < $1.moment }
        }
        while let moment = cutTime(nextCut), moment <= now {
            clients[nextCut].close()
            nextCut += 1
        }
    }

    private func cutTime(_ place: Int) -> UInt64? {
        guard place < clients.count else { return nil }
        let share = Double(place - storm.writers) / Double(clients.count - storm.writers)
        return start + UInt64((plan.warmUp + storm.after + share) * 1e9)
    }

    private func ask() {
        while asking < 100, nextToAsk < clients.count {
            if let client = clients[nextToAsk] as? MartletClient {
                asking += 2
                client.request(1) {
                    reactor.output.append(#""settings":{"presence":"everyone"}"#)
                }
                watch(client)
            }
            nextToAsk += 1
        }
    }

    private func watch(_ client: MartletClient) {
        let output = reactor.output
        let others = clients.count - storm.writers
        client.request(2) {
            output.append(#""watch":{"users":["#)
            for number in 0..<storm.watched {
                let draw = UInt64(client.user) << 8 | UInt64(number)
                let place = storm.writers + Int(RandomSource.scramble(draw) % UInt64(others))
                output.append(number == 0 ? "\"" : ",\"")
                output.append(hex: client.directory.accounts[place]?.id ?? 0)
                output.append("\"")
            }
            output.append("]}")
        }
    }

    override func ready(_ client: ChatClient) {
        guard hasFallen else { return super.ready(client) }
        backCount += 1
        lastBack = reactor.now
        back.record(reactor.now - fallenAt)
        if storm.watched > 0, let client = client as? MartletClient { watch(client) }
    }

    override func answered(_ request: UInt64, by client: ChatClient, at now: UInt64) {
        if isAsking { asking -= 1 }
    }

    /// The server may put off who looks, for the sake of messages.
    override func refused(_ what: String, by client: ChatClient) {
        guard what == "too_many" else { return super.refused(what, by: client) }
        putOff += 1
    }

    override func delivered(_ index: UInt64, to client: ChatClient, at now: UInt64) {
        super.delivered(index, to: client, at: now)
        let moment = due(index)
        guard moment >= start + UInt64(plan.warmUp * 1e9) else { return }
        let end = fallenAt + UInt64(storm.lasts * 1e9)
        let phase = !hasFallen || moment < fallenAt ? 0 : moment < end ? 1 : 2
        phases[phase].record(now - moment)
    }
}
