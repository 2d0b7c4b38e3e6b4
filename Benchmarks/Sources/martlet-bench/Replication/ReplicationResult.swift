import MartletStore

/// What is measured at once.
struct ReplicationCase: Codable, Hashable, Sendable {
    enum Level: String, Codable, Sendable {
        case written, synced, replicated

        var durability: Durability {
            switch self {
            case .written: .written
            case .synced: .synced
            case .replicated: .replicated(1)
            }
        }
    }

    var followers: Int
    var durability: Level
    var writers: Int

    var name: String {
        "\(durability.rawValue), \(followers) followers, \(writers) writers"
    }
}

/// A case, and all it takes.
struct ReplicationTask: Codable, Sendable {
    var asked: ReplicationCase
    var directory: String
    var seconds: Double
    var users: Int
    var cacheBytes: Int
    var seed: UInt64
    /// The programs.
    var martlet: String
    var certificates: String
}

/// What came of it. CPU is of the appends and of what followers were behind afterwards.
struct ReplicationResult: Codable, Sendable {
    var asked: ReplicationCase
    var messages: UInt64 = 0
    /// Of the appends alone.
    var seconds = 0.0
    /// Microseconds of one append.
    var latency: Latency?
    /// From the last append until all followers had everything on their disks.
    var behindSeconds = 0.0
    /// Bytes that were written to the log.
    var logBytes: UInt64 = 0
    /// Bytes that the shipper wrote to its sockets: frames, in TLS, for all followers together.
    var shippedBytes: UInt64 = 0
    /// CPU seconds: of the primary with the generator, of the shipper, of each follower.
    var primaryCPU = 0.0
    var shipperCPU = 0.0
    var followerCPU: [Double] = []
    /// CPU seconds per second burnt by others.
    var otherCPU = 0.0

    var rate: Double { Double(messages) / max(seconds, 1e-9) }

    /// The mean over the followers; `nil` without any.
    var eachFollowerCPU: Double? {
        followerCPU.isEmpty ? nil : followerCPU.reduce(0, +) / Double(followerCPU.count)
    }

    func perMessage(_ amount: Double) -> Double { amount / Double(max(messages, 1)) }
}
