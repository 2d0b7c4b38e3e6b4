/// Connections that are logged in and say nothing but what the protocol demands (pongs).
final class IdleLoad: Load {
    /// - Parameter seconds: two rounds of pings or more.
    func measure(connections: Int, seconds: Double) throws -> ChatResult {
        try server.prepare(users: connections)
        clients = (0..<connections).map {
            server.client(reactor, user: $0, listener: self)
        }
        let before = server.residentBytes
        let start = monotonicNanoseconds()
        let cpu = server.cpuSeconds
        try connectAll()
        let connectSeconds = Double(monotonicNanoseconds() - start) / 1e9
        let connectCPU = server.cpuSeconds - cpu
        serve(seconds: 3)
        let begin = LoadProbe(server)
        serve(seconds: seconds)
        let end = LoadProbe(server)
        var result = ChatResult(server: server.name, workload: "idle", rate: 0)
        result.add(from: begin, to: end, messages: 0)
        result.connections = connections
        result.bytesPerConnection = Double(server.residentBytes - before) / Double(connections)
        let elapsed = Double(end.machine.nanoseconds - begin.machine.nanoseconds) / 1e9
        result.idleMicroseconds =
            (end.serverCPU - begin.serverCPU) * 1e6 / elapsed / Double(connections)
        result.connectsPerSecond = Double(connections) / connectSeconds
        result.connectMicroseconds = connectCPU * 1e6 / Double(connections)
        result.problems = problems
        result.missing = clients.filter { !$0.isReady }.count
        return result
    }
}
