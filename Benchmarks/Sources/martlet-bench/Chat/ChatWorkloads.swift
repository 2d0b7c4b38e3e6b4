import Foundation

/// What each workload does with a server that has just started with nothing in it.
extension ChatCommand {
    enum Workload: String, CaseIterable {
        case pairs, groups, history, cold, storm, presence, idle, fleet, day

        /// Whether it makes sense at each of the rates.
        var hasRates: Bool { self == .pairs || self == .groups }
        /// Whether it needs more of a server than messages between two.
        func suits(_ server: String) -> Bool {
            switch self {
            case .pairs: true
            case .day: server != "martlet-poll"
            case .idle: server != "ejabberd+postgres"
            case .groups: server == "martlet" || server == "mosquitto"
            case .history, .cold, .storm, .presence, .fleet: server == "martlet"
            }
        }
    }

    /// Accounts that a workload needs.
    func accounts(_ workload: Workload) -> Int {
        switch workload {
        case .pairs, .history, .cold: users / 2 * 2
        case .groups: max(1, users / 100) * 100
        case .storm, .idle, .fleet: connections / 2 * 2
        case .presence: users / 2 * 2 + connections
        case .day: dayUsers / 2 * 2
        }
    }

    func measure(
        _ workload: Workload, _ server: Contender, rate: Double
    ) throws -> [ChatResult] {
        switch workload {
        case .pairs: [try pairs(server, rate)]
        case .groups: [try groups(server, rate)]
        case .history: try history(server)
        case .cold: try cold(server)
        case .storm: [try storm(server)]
        case .presence: try presence(server)
        case .idle:
            [
                try IdleLoad(server).measure(
                    connections: accounts(.idle), seconds: idleSeconds)
            ]
        case .fleet: [try fleet(server)]
        case .day: [try day(server)]
        }
    }

    private var body: MessageBody { MessageBody(bytes: payload, seed: seed) }

    /// Pairs 0 and 1, 2 and 3, …; who writes is drawn.
    private func plan(users: Int, rate: Double, seconds: Double, warmUp: Double)
        -> MessageLoad.Plan
    {
        let seed = seed
        return MessageLoad.Plan(
            rate: rate, seconds: seconds, warmUp: warmUp,
            route: { index in
                let sender = Int(RandomSource.scramble(index &+ seed) % UInt64(users))
                return (sender, .user(sender ^ 1))
            })
    }

    private func pairs(_ server: Contender, _ rate: Double) throws -> ChatResult {
        let users = accounts(.pairs)
        if server.name == "martlet (poll)" { try server.prepare(users: users) }
        let load = try MessageLoad(
            server, plan(users: users, rate: rate, seconds: seconds, warmUp: warmUp), body)
        load.clients = (0..<users).map {
            server.client(load.reactor, user: $0, listener: load)
        }
        try load.connectAll()
        defer { load.closeAll() }
        return load.measure("pairs")
    }

    private func groups(_ server: Contender, _ rate: Double) throws -> ChatResult {
        let users = accounts(.groups)
        let size = 100
        let seed = seed
        let plan = MessageLoad.Plan(
            rate: rate, seconds: seconds, warmUp: warmUp,
            fanOut: server.echoesToGroup ? size : size - 1,
            route: { index in
                let sender = Int(RandomSource.scramble(index &+ seed) % UInt64(users))
                return (sender, .group(sender / size))
            })
        let load = try MessageLoad(server, plan, body)
        load.clients = (0..<users).compactMap {
            server.client(load.reactor, user: $0, group: $0 / size, listener: load)
        }
        try load.connectAll()
        defer { load.closeAll() }
        if let server = server as? Martlet {
            try GroupFounding(load, server.clients, size: size).found()
        }
        return load.measure("groups of 100")
    }

    /// Fills conversations, then reads them.
    private func history(_ server: Contender) throws -> [ChatResult] {
        guard let server = server as? Martlet else { return [] }
        let fill = try fill(server)
        let load = try HistoryLoad(
            server, rate: requestRate, seconds: seconds, warmUp: warmUp)
        load.depth = UInt64(fillMessages) / UInt64(accounts(.history) / 2)
        load.clients = (0..<accounts(.history)).map {
            server.client(load.reactor, user: $0, listener: load)
        }
        try load.connectAll()
        defer { load.closeAll() }
        return [fill, load.measure("history")]
    }

    private func cold(_ server: Contender) throws -> [ChatResult] {
        guard let server = server as? Martlet else { return [] }
        let fill = try fill(server)
        let load = try ColdLoad(
            server, users: accounts(.cold), rate: loginRate, seconds: seconds, warmUp: warmUp)
        var result = load.measure("cold login")
        result.delivered = load.startAlone
        return [fill, result]
    }

    private func fill(_ server: Contender) throws -> ChatResult {
        let users = accounts(.history)
        let rate = 4000.0
        let load = try MessageLoad(
            server,
            plan(users: users, rate: rate, seconds: Double(fillMessages) / rate, warmUp: 0),
            body)
        load.clients = (0..<users).map {
            server.client(load.reactor, user: $0, listener: load)
        }
        try load.connectAll()
        defer { load.closeAll() }
        return load.measure("(fill)")
    }

    private func storm(_ server: Contender) throws -> ChatResult {
        let users = accounts(.storm)
        guard let end = StormLoad.End(rawValue: stormEnd) else { return try pairs(server, 1) }
        let plan = plan(users: users, rate: stormRate, seconds: 30, warmUp: 0)
        let load = try StormLoad(
            server, plan, body, connections: users, end: end, downAfter: 5, seed: seed)
        load.clients = (0..<users).map {
            let client = server.client(load.reactor, user: $0, listener: load)
            (client as? MartletClient)?.syncsFirst = true
            return client
        }
        try load.connectAll()
        defer { load.closeAll() }
        return load.complete(load.measure("storm"))
    }

    /// A third of the time each: before, in and behind the storm.
    private func presence(_ server: Contender) throws -> [ChatResult] {
        let writers = users / 2 * 2
        let plan = plan(users: writers, rate: stormRate, seconds: 3 * seconds, warmUp: warmUp)
        let storm = PresenceLoad.Storm(
            writers: writers, watched: watched, after: seconds, within: seconds / 2,
            lasts: seconds)
        let load = try PresenceLoad(server, plan, body, storm, seed: seed)
        load.clients = (0..<accounts(.presence)).map {
            server.client(load.reactor, user: $0, listener: load)
        }
        try load.connectAll()
        defer { load.closeAll() }
        try load.look()
        return load.phases(load.measure("presence"))
    }

    private func fleet(_ server: Contender) throws -> ChatResult {
        guard let fleet = server as? MartletFleet else { throw BenchError("no fleet") }
        return try FleetLoad(fleet, connections: accounts(.fleet), rate: stormRate)
            .measure(seconds: idleSeconds)
    }

    private func day(_ server: Contender) throws -> ChatResult {
        let users = accounts(.day)
        let rate = Double(users) * DayLoad.messagesPerDay / 86_400 * dayPeak
        let load = try DayLoad(
            server, plan(users: users, rate: rate, seconds: daySeconds, warmUp: 5), body)
        try server.prepare(users: users)
        load.clients = (0..<users).map {
            server.client(load.reactor, user: $0, listener: load)
        }
        try load.connectAll()
        defer { load.closeAll() }
        return load.measure("day")
    }
}
