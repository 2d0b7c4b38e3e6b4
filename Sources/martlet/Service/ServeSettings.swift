import Logging
import MartletChat
import MartletServer
import MartletStore

/// From the configuration's keys to what each part takes. What a key is for is wired here.
enum ServeSettings {
    static func store(_ config: Config) -> StoreOptions {
        var options = StoreOptions()
        options.memoryBudget = config.integer("store.memory")
        options.memtableSize = config.integer("store.memtable")
        options.diskReserve = UInt64(config.integer("store.disk_reserve"))
        return options
    }

    static func chat(_ config: Config) -> ChatOptions {
        var options = ChatOptions()
        if let milliseconds = config.milliseconds("sessions.inactivity") {
            options.tokenLifetime = UInt64(milliseconds) * 1_000
        }
        return options
    }

    static func server(_ config: Config) -> ChatServerConfiguration {
        var settings = ChatServerConfiguration(
            host: config.text("server.host"), port: config.integer("server.port"),
            threads: config.integer("server.threads"))
        settings.allowedOrigins = Set(config.list("server.allow_origins"))
        settings.drainSeconds = Int64((config.milliseconds("server.drain") ?? 0) / 1_000)
        settings.reconnectSpread = config.milliseconds("server.reconnect_spread") ?? 0
        settings.maxSockets = config.integer("limits.connections")
        settings.maxQueuedBytes = config.integer("limits.queue")
        return settings
    }

    /// Throws for an address that is not a loopback one: whoever reaches it reads the metrics.
    static func control(_ config: Config) throws -> ControlServer.Configuration {
        let listen = config.text("metrics.listen")
        let socket = ControlCall.socket(config)
        guard !listen.isEmpty else { return .init(socket: socket) }
        guard let colon = listen.lastIndex(of: ":"),
            let port = UInt16(listen[listen.index(after: colon)...])
        else {
            throw Complaint(description: "metrics.listen: write ADDRESS:PORT, not '\(listen)'")
        }
        var host = String(listen[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard host == "::1" || host == "localhost" || host.hasPrefix("127.") else {
            throw Complaint(description: "metrics.listen: '\(host)' is no loopback address")
        }
        return .init(socket: socket, metrics: (host, Int(port)))
    }
}

/// The log of a serving process.
enum ServeLog {
    static func start(_ config: Config) {
        let level = Logger.Level(rawValue: config.text("log.level")) ?? .info
        let format = LineLogHandler.Format(rawValue: config.text("log.format")) ?? .text
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, format: format) }
    }
}
