/// A fleet of clients on one server, and what went wrong with it. Subclasses drive it.
class Load: ChatListener, Pulse {
    let server: Contender
    let reactor: Reactor
    final var clients: [ChatClient] = []
    /// What was refused, closed or lost, by its text.
    final var problems: [String: Int] = [:]
    /// Connections that may be on their way at once.
    final var concurrency = 48

    private var nextToConnect = 0
    private var underWay = 0
    private(set) final var readyCount = 0
    private(set) final var isConnecting = false

    init(_ server: Contender) throws {
        self.server = server
        reactor = try Reactor()
    }

    /// Connects all clients and logs them in.
    final func connectAll() throws {
        isConnecting = true
        defer { isConnecting = false }
        let deadline = monotonicNanoseconds() + 300_000_000_000
        reactor.run(self) { [self] in
            readyCount == clients.count || problems.values.reduce(0, +) > 100
                || reactor.now > deadline
        }
        guard readyCount == clients.count else {
            throw BenchError(
                "\(server.name): \(readyCount) of \(clients.count) are in; \(problems)")
        }
    }

    /// Serves what comes for some seconds.
    final func serve(seconds: Double) {
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        let alarm = Alarm(end)
        reactor.run(alarm) { [reactor] in reactor.now >= end }
    }

    private final class Alarm: Pulse {
        private let end: UInt64
        init(_ end: UInt64) { self.end = end }
        func pulse(_ now: UInt64) -> UInt64 { end }
    }

    final func closeAll() {
        for client in clients { client.close() }
        clients = []
    }

    /// What is due by the clock once all are connected.
    func work(_ now: UInt64) -> UInt64 { .max }

    final func pulse(_ now: UInt64) -> UInt64 {
        guard isConnecting else { return work(now) }
        while underWay < concurrency, nextToConnect < clients.count {
            underWay += 1
            // Some thousands from each source address: each has 28,000 ports.
            clients[nextToConnect].connect(port: server.port, source: 2 + nextToConnect / 4000)
            nextToConnect += 1
        }
        return .max
    }

    func ready(_ client: ChatClient) {
        underWay -= 1
        readyCount += 1
    }

    func acknowledged(_ index: UInt64, at now: UInt64) {}
    func delivered(_ index: UInt64, to client: ChatClient, at now: UInt64) {}
    func answered(_ request: UInt64, by client: ChatClient, at now: UInt64) {}

    func refused(_ what: String, by client: ChatClient) {
        problems[what, default: 0] += 1
    }

    func lost(_ client: ChatClient, _ reason: String) {
        problems[reason, default: 0] += 1
    }
}
