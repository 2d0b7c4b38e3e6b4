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
        if config.bool("replication.serve") {
            options.logRetainedBytes = UInt64(config.integer("replication.retain_bytes"))
        }
        if let milliseconds = config.milliseconds("replication.timeout") {
            options.replicationTimeout = UInt64(milliseconds) * 1_000
        }
        return options
    }

    static func chat(_ config: Config) -> ChatOptions {
        var options = ChatOptions()
        options.durability = durability(config)
        options.commitInterval = UInt64(config.integer("store.commit_interval"))
        options.busyCommitInterval = UInt64(config.integer("store.busy_commit_interval"))
        if let milliseconds = config.milliseconds("sessions.inactivity") {
            options.tokens.inactivity = UInt64(milliseconds) * 1_000
        }
        if let milliseconds = config.milliseconds("sessions.absolute") {
            options.tokens.absolute = UInt64(milliseconds) * 1_000
        }
        options.editWindow = config.milliseconds("messages.edit_window").map {
            UInt64($0) * 1_000
        }
        options.failedJournalBytes = config.integer("store.failed_journal")
        options.deleteWindow = config.milliseconds("messages.delete_window").map {
            UInt64($0) * 1_000
        }
        return options
    }

    private static func durability(_ config: Config) -> Durability {
        let followers = config.integer("replication.followers")
        if followers > 0 { return .replicated(followers) }
        return config.text("store.durability") == "written" ? .written : .synced
    }

    /// Throws for keys that need each other.
    static func server(_ config: Config) throws -> ChatServerConfiguration {
        var settings = ChatServerConfiguration(
            host: config.text("server.host"), port: config.integer("server.port"),
            threads: config.integer("server.threads"))
        settings.allowedOrigins = Set(config.list("server.allow_origins"))
        settings.servers = try servers(config)
        settings.drainSeconds = Int64((config.milliseconds("server.drain") ?? 0) / 1_000)
        settings.reconnectSpread = config.milliseconds("server.reconnect_spread") ?? 0
        settings.maxSockets = config.integer("limits.connections")
        settings.maxQueuedBytes = config.integer("limits.queue")
        settings.limits.connectionsPerAddress = config.integer("limits.connections_per_address")
        let perSecond = config.integer("limits.requests_per_second")
        settings.limits.requests = RateLimit(
            perSecond: Double(perSecond), burst: 10 * perSecond)
        settings.headSeconds = seconds(config, "limits.handshake")
        settings.bodySeconds = seconds(config, "limits.body")
        settings.authenticationSeconds = seconds(config, "limits.authentication")
        settings.messageSeconds = seconds(config, "limits.message")
        settings.pingSeconds = seconds(config, "heartbeat.ping")
        settings.pongSeconds = seconds(config, "heartbeat.pong")
        settings.allowsInsecureHTTP = config.bool("tls.allow_plain")
        try readTLS(config, &settings)
        if config.integer("replication.followers") > 0, !config.bool("replication.serve") {
            throw Complaint(description: "replication.followers needs replication.serve")
        }
        let issuer = config.text("jwt.issuer")
        if !issuer.isEmpty {
            var jwt = JWTConfiguration(
                issuer: issuer, audience: config.text("jwt.audience"),
                keysPath: config.text("jwt.keys"))
            jwt.makesAccounts = config.bool("jwt.makes_accounts")
            settings.jwt = jwt
        }
        return settings
    }

    /// Origins, as a browser writes them: a page that is elsewhere must know where to go.
    private static func servers(_ config: Config) throws -> [String] {
        try config.list("client.servers").map { text in
            guard let origin = WebOrigin(text) else {
                throw Complaint(
                    description: "client.servers: write https://HOST or https://HOST:PORT, not "
                        + "'\(text)'")
            }
            return origin.text
        }
    }

    private static func readTLS(
        _ config: Config, _ settings: inout ChatServerConfiguration
    ) throws {
        let (certificate, key) = (config.text("tls.certificate"), config.text("tls.key"))
        if certificate.isEmpty && key.isEmpty { return }
        if certificate.isEmpty || key.isEmpty {
            throw Complaint(description: "tls.certificate and tls.key go together")
        }
        settings.tls = TLSFiles(certificateChain: certificate, privateKey: key)
    }

    private static func seconds(_ config: Config, _ name: String) -> Int {
        max(1, (config.milliseconds(name) ?? 0) / 1_000)
    }

    /// Where compaction daemons attach; `nil`: nowhere.
    static func compactionSocket(_ config: Config) -> String? {
        guard config.bool("compaction.daemons") else { return nil }
        let path = config.text("compaction.socket")
        return path.isEmpty
            ? config.text("server.data") + "/" + FileName.compactionSocket : path
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
