import MartletHarness
import MartletSimulation

/// A crowd of devices on one server that is killed at random moments.
final class Probe {
    struct Settings {
        var rounds = 20
        /// Sends in 0.6 s.
        var sends = 300
    }

    let crowd: Crowd
    private let settings: Settings
    private let server: ProbedServer
    private(set) var kills = 0

    init(_ settings: Settings, _ crowd: Crowd, _ server: ProbedServer) {
        self.settings = settings
        self.crowd = crowd
        self.server = server
    }

    private func start() throws {
        try server.start()
        crowd.servers = [server.endpoint]
    }

    func run() throws {
        try start()
        crowd.everyTurn = { [unowned self] in
            guard let code = server.poll() else { return }
            crowd.history.record(.note("the server ended with \(code)"))
            try start()
        }
        try crowd.turn(for: 120, "all accounts are there") {
            crowd.devices.allSatisfy(\.isLive)
        }
        for round in 1...max(1, settings.rounds) { try self.round(round) }
        try crowd.settle()
        try crowd.audit()
    }

    private func round(_ round: Int) throws {
        let isShort = Int.random(in: 0..<5, using: &crowd.random) == 0
        let life = UInt64.random(in: isShort ? 1...120 : 250...900, using: &crowd.random)
        let start = monotonicNow()
        let sendsBefore = crowd.sent
        while monotonicNow() < start + milliseconds(life) {
            try crowd.turn()
            // Spread over the round, so that the kill falls into the midst of it.
            let isDue = UInt64(settings.sends) * (monotonicNow() - start) / milliseconds(600)
            if crowd.sent - sendsBefore < isDue { crowd.act() }
        }
        server.kill()
        kills += 1
        crowd.history.record(.note("kill -9, round \(round)"))
        crowd.cutAll()
        try self.start()
    }
}
