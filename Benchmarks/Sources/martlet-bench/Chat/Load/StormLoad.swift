import Histogram

/// Everybody is connected and some write; the server dies and starts again; everybody comes back as
/// the protocol says, catches up, and sends again what was not answered. Nothing may be lost, come
/// twice, or come out of order.
final class StormLoad: MessageLoad {
    /// How the server goes down.
    enum End: String { case kill, term }

    private let end: End
    /// Seconds after the first message.
    private let downAfter: Double
    private var downAt: UInt64 = 0
    private var upAt: UInt64 = 0
    private var outbox: [Int: [UInt64]] = [:]
    private var tries: [Int]
    private var bounds: [Double]
    /// Who was told that the server stops, and has not tried since.
    private var told: Set<Int> = []
    /// Reconnects by their moment, in hundredths of a second since the fall.
    private var timetable: [Int: [Int]] = [:]
    private var nextSlot = 0
    private var back = Latency.histogram()
    private var backCount = 0
    private var lastBack: UInt64 = 0
    private var random: RandomSource

    init(
        _ server: Contender, _ plan: Plan, _ body: MessageBody, connections: Int, end: End,
        downAfter: Double, seed: UInt64
    ) throws {
        self.end = end
        self.downAfter = downAfter
        tries = Array(repeating: 0, count: connections)
        bounds = Array(repeating: 1, count: connections)
        random = RandomSource(seed: seed, stream: 0x5704)
        try super.init(server, plan, body)
        patience = 90
    }

    /// What `measure` gave, with how long it took until all were back.
    func complete(_ result: ChatResult) -> ChatResult {
        var result = result
        // Of two processes.
        result.serverMicroseconds = nil
        result.syncsPerMessage = nil
        result.back = Latency(back)
        result.backSeconds = Double(lastBack - min(upAt, lastBack)) / 1e9
        result.missing += clients.count - backCount
        return result
    }

    override func work(_ now: UInt64) -> UInt64 {
        if downAt == 0, now >= start + UInt64(downAfter * 1e9) { fall(now) }
        if downAt > 0, upAt == 0, server.hasEnded { rise() }
        if downAt > 0 { reconnect(now) }
        // Hundredths of a second are fine enough for reconnects, and for what waits for them.
        return min(super.work(now), now + 10_000_000)
    }

    private func fall(_ now: UInt64) {
        downAt = now
        if end == .kill { server.crash() } else { server.terminate() }
    }

    private func rise() {
        upAt = monotonicNanoseconds()
        do { try server.startAgain() } catch { problems["\(error)", default: 0] += 1 }
    }

    private func reconnect(_ now: UInt64) {
        let slot = Int((now - downAt) / 10_000_000)
        while nextSlot <= slot {
            for place in timetable.removeValue(forKey: nextSlot) ?? [] {
                clients[place].connect(port: server.port, source: 2 + place / 4000)
            }
            nextSlot += 1
        }
    }

    override func lost(_ client: ChatClient, _ reason: String) {
        guard downAt > 0 else { return super.lost(client, reason) }
        let place = client.user
        // A random time up to a bound that doubles, as docs/protocol/chat.md has it; up to 5 s for
        // who was told.
        let wasTold = told.remove(place) != nil
        let delay = random.unit() * (wasTold ? 5 : bounds[place])
        if tries[place] > 0 { bounds[place] = min(30, 2 * bounds[place]) }
        if !wasTold { tries[place] += 1 }
        timetable[nextSlot + 1 + Int(delay * 100), default: []].append(place)
    }

    override func refused(_ what: String, by client: ChatClient) {
        guard what == "closed with 3001" else { return super.refused(what, by: client) }
        told.insert(client.user)
    }

    override func ready(_ client: ChatClient) {
        guard downAt > 0 else { return super.ready(client) }
        let now = reactor.now
        backCount += 1
        lastBack = max(lastBack, now)
        back.record(now - min(now, upAt))
        for index in outbox[client.user] ?? [] {
            client.send(index, to: plan.route(index).1, body)
        }
    }

    override func post(_ index: UInt64, from sender: Int, to target: Target) {
        outbox[sender, default: []].append(index)
        if clients[sender].isReady { super.post(index, from: sender, to: target) }
    }

    override func acknowledged(_ index: UInt64, at now: UInt64) {
        let sender = plan.route(index).sender
        // The answer to a repeat may come behind that to the first.
        guard outbox[sender]?.contains(index) == true else { return }
        outbox[sender]?.removeAll { $0 == index }
        super.acknowledged(index, at: now)
    }
}
