/// What one run of one workload on one server gave.
struct ChatResult: Codable, Sendable {
    var server: String
    var workload: String
    /// Messages or requests per second that were offered.
    var rate: Double
    var connections = 0
    var messages: UInt64 = 0
    var deliveredPerSecond = 0.0
    /// From the message's moment until the server took it over, microseconds.
    var acknowledged: Latency?
    /// From the message's moment until it reached the recipient.
    var delivered: Latency?
    /// How late the generator was itself: it must be small beside the latencies.
    var lateness: Latency?
    /// CPU microseconds per message: of the server, and of the generator.
    var serverMicroseconds: Double?
    var generatorMicroseconds: Double?
    /// Log syncs per message, where the server tells.
    var syncsPerMessage: Double?
    /// The server's resident memory at the end.
    var residentBytes = 0
    /// CPU seconds per second burnt by neither server nor generator.
    var otherCPU = 0.0
    var bytesPerConnection: Double?
    /// CPU microseconds per second and connection.
    var idleMicroseconds: Double?
    var connectsPerSecond: Double?
    /// Server CPU for one connection to be made and logged in.
    var connectMicroseconds: Double?
    /// From the server's start until a client was back and had caught up.
    var back: Latency?
    /// The same, of the last one.
    var backSeconds: Double?
    /// Requests of who looks at others that were put off for the sake of messages.
    var putOff: Int?
    /// Deliveries that never came, messages never answered, what came twice or out of order.
    var missing = 0
    var unanswered = 0
    var doubled = 0
    var disorders = 0
    var problems: [String: Int] = [:]

    init(server: String, workload: String, rate: Double) {
        self.server = server
        self.workload = workload
        self.rate = rate
    }

    mutating func add(from begin: LoadProbe, to end: LoadProbe, messages: UInt64) {
        self.messages = messages
        let server = end.serverCPU - begin.serverCPU
        let own = end.machine.cpuSeconds - begin.machine.cpuSeconds
        if messages > 0 {
            serverMicroseconds = server * 1e6 / Double(messages)
            generatorMicroseconds = own * 1e6 / Double(messages)
            if let first = begin.syncs, let last = end.syncs {
                syncsPerMessage = Double(last - first) / Double(messages)
            }
        }
        otherCPU = end.machine.others(since: begin.machine, beside: server)
        residentBytes = end.residentBytes
    }

    /// Whether everything that was sent arrived once, in order.
    var isClean: Bool {
        missing == 0 && unanswered == 0 && doubled == 0 && disorders == 0 && problems.isEmpty
    }
}

/// Readings of a server and of this process at one moment.
struct LoadProbe {
    let machine: ProcessProbe
    let serverCPU: Double
    let residentBytes: Int
    let syncs: Int?

    init(_ server: Contender) {
        machine = .now()
        serverCPU = server.cpuSeconds
        residentBytes = server.residentBytes
        syncs = server.syncs
    }
}
