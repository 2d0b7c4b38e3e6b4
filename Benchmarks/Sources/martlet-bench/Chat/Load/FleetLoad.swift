import Foundation
import Histogram

/// More connections than a process may have, spread over the nodes of a fleet; those of each node
/// are held by a process of its own. One user at the first node writes to them all in turn.
final class FleetLoad: Load {
    private let fleet: MartletFleet
    private let connections: Int
    /// Messages per second of the one who writes.
    private let rate: Double
    private let body: MessageBody
    private var holders: [ServerProcess] = []
    private var start: UInt64 = 0
    private var next: UInt64 = 0
    private var total: UInt64 = 0
    private var answered: UInt64 = 0
    private var toAcknowledged = Latency.histogram()

    init(_ fleet: MartletFleet, connections: Int, rate: Double) throws {
        self.fleet = fleet
        self.connections = connections
        self.rate = rate
        body = MessageBody(bytes: 100, seed: fleet.clients.run)
        try super.init(fleet)
    }

    func measure(seconds: Double) throws -> ChatResult {
        try register()
        // What the server keeps in memory is not theirs any more.
        fleet.stop()
        try fleet.start(users: connections)
        let before = fleet.allResidentBytes
        let cpu = fleet.cpuSeconds
        let connecting = monotonicNanoseconds()
        try hold()
        defer { holders.forEach { $0.kill() } }
        let connectSeconds = Double(monotonicNanoseconds() - connecting) / 1e9
        let connectCPU = fleet.cpuSeconds - cpu
        clients = [fleet.client(reactor, user: connections, listener: self)]
        try connectAll()
        defer { closeAll() }
        serve(seconds: 3)
        let begin = LoadProbe(fleet)
        serve(seconds: seconds)
        let end = LoadProbe(fleet)
        let resident = fleet.allResidentBytes
        write(count: UInt64(rate * seconds))
        var result = ChatResult(server: fleet.name, workload: "idle", rate: rate)
        result.add(from: begin, to: end, messages: 0)
        result.residentBytes = resident
        result.connections = connections
        result.bytesPerConnection = Double(resident - before) / Double(connections)
        let elapsed = Double(end.machine.nanoseconds - begin.machine.nanoseconds) / 1e9
        result.idleMicroseconds =
            (end.serverCPU - begin.serverCPU) * 1e6 / elapsed / Double(connections)
        result.connectsPerSecond = Double(connections) / connectSeconds
        result.connectMicroseconds = connectCPU * 1e6 / Double(connections)
        result.acknowledged = Latency(toAcknowledged)
        result.unanswered = Int(total - answered)
        result.problems = problems
        try read(&result)
        return result
    }

    // MARK: Accounts

    /// All register at the first node, some thousands at once, the one who writes last.
    private func register() throws {
        let piece = 10_000
        for first in stride(from: 0, through: connections, by: piece) {
            let load = try Load(fleet)
            load.clients = (first..<min(first + piece, connections + 1)).map {
                fleet.client(load.reactor, user: $0, listener: load)
            }
            try load.connectAll()
            load.closeAll()
        }
    }

    /// User `n` is at node `n` modulo the nodes.
    private func hold() throws {
        let nodes = fleet.ports.count
        for (node, port) in fleet.ports.enumerated() {
            let file = fleet.directory + "/accounts-\(node)"
            let lines = stride(from: node, to: connections, by: nodes).compactMap { user in
                fleet.clients.accounts[user].map {
                    "\(user) \(String($0.id, radix: 16)) \($0.token)\n"
                }
            }
            try lines.joined().write(toFile: file, atomically: false, encoding: .utf8)
            holders.append(
                try ServerProcess(
                    CommandLine.arguments[0],
                    [
                        "hold", "--port", "\(port)", "--accounts", file, "--seed",
                        "\(fleet.clients.run)",
                    ], environment: [:], log: fleet.directory + "/held-\(node)"))
            // One node after the other: a login costs more than to be there.
            try holders[node].wait(for: "clients of node \(node)") { $0.output.hasPrefix("in ") }
        }
    }

    // MARK: Messages

    private func write(count: UInt64) {
        total = count
        start = monotonicNanoseconds() + 50_000_000
        let deadline = due(total) + 10_000_000_000
        reactor.run(self) { [self] in answered == total || reactor.now > deadline }
        // The last ones are on their way to the followers.
        serve(seconds: 2)
    }

    private func due(_ index: UInt64) -> UInt64 { start + UInt64(Double(index) * 1e9 / rate) }

    override func work(_ now: UInt64) -> UInt64 {
        while next < total {
            let moment = due(next)
            guard moment <= now else { return moment }
            let user = Int(RandomSource.scramble(next) % UInt64(connections))
            clients[0].send(next, to: .user(user), body)
            next += 1
        }
        return .max
    }

    override func acknowledged(_ index: UInt64, at now: UInt64) {
        answered += 1
        toAcknowledged.record(now - due(index))
    }

    /// What the holders have written down.
    private func read(_ result: inout ChatResult) throws {
        var toDelivered = Latency.histogram()
        var seen: Set<UInt64> = []
        for holder in holders {
            for line in holder.output.split(separator: "\n").dropFirst() {
                let words = line.split(separator: " ")
                if words.count == 3, words[0] == "message", let index = UInt64(words[1]),
                    let moment = UInt64(words[2]), index < total
                {
                    if !seen.insert(index).inserted { result.doubled += 1 }
                    toDelivered.record(moment - min(moment, due(index)))
                } else {
                    result.problems[String(line), default: 0] += 1
                }
            }
        }
        result.missing = Int(total) - seen.count
        result.delivered = Latency(toDelivered)
        result.messages = total
    }
}
