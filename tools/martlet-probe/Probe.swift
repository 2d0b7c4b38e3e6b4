import Glibc
import MartletHarness
import MartletSimulation

/// Many devices on one server that is killed at random moments, in one thread around `poll(2)`.
final class Probe {
    struct Settings {
        var rounds = 20
        var users = 6
        var devices = 2
        /// Sends in 0.6 s.
        var sends = 300
    }

    let settings: Settings
    let server: ProbedServer
    let history = ChatHistory()
    var random: SeededGenerator
    var devices: [ProbeDevice] = []
    /// When each device that is not connected tries again.
    private var dueAt: [UInt64] = []
    private var connections = 0
    private var nextRetry: UInt64 = 0
    var sent = 0
    var kills = 0
    /// Who was in a group from the first, by its name.
    var created: [String: [UInt64]] = [:]

    init(_ settings: Settings, _ server: ProbedServer, seed: UInt64, polls: Bool) {
        self.settings = settings
        self.server = server
        random = SeededGenerator(seed: seed)
        for user in 0..<settings.users {
            for index in 0..<settings.devices {
                let polls = polls && index > 0 && user % 2 == 0
                add(
                    ProbeDevice(
                        "user\(user)", index, polls ? .poll : .socket, history,
                        source: UInt16(256 + user * 16 + index)))
            }
        }
    }

    func add(_ device: ProbeDevice) {
        devices.append(device)
        dueAt.append(0)
    }

    // MARK: The loop

    /// Lets everything happen that can within a few milliseconds.
    func turn() throws {
        let now = monotonicNow()
        if let code = server.poll() {
            history.record(.note("the server ended with \(code)"))
            try server.start()
        }
        for index in devices.indices where devices[index].descriptors.isEmpty && dueAt[index] <= now
        {
            guard mayConnect(index) else { continue }
            connections += 1
            dueAt[index] = now + milliseconds(UInt64.random(in: 10...150, using: &random))
            devices[index].connect(port: server.port, connection: connections)
        }
        wait()
        for device in devices where !device.descriptors.isEmpty { device.advance() }
        if now >= nextRetry {
            nextRetry = now + milliseconds(200)
            for device in devices where device.isLive { device.retry() }
        }
        if let complaint = devices.lazy.compactMap(\.complaint).first {
            throw HarnessError(complaint)
        }
    }

    /// The first device of a user makes the account before the others log in, one at a time:
    /// passwords are hashed one after the other anyway.
    private func mayConnect(_ index: Int) -> Bool {
        let device = devices[index]
        if !device.token.isEmpty { return true }
        let isEntering = devices.contains { $0.token.isEmpty && $0.isConnecting }
        return !isEntering
            && (device.index == 0
                || devices.contains { $0.name == device.name && !$0.token.isEmpty })
    }

    private func wait() {
        var watched: [pollfd] = []
        for descriptor in devices.flatMap(\.descriptors) where descriptor.isOpen {
            let events = Int32(POLLIN) | (descriptor.waitsToWrite ? Int32(POLLOUT) : 0)
            watched.append(pollfd(fd: descriptor.number, events: Int16(events), revents: 0))
        }
        poll(&watched, nfds_t(watched.count), 3)
    }

    /// Turns until `isDone`; throws after `seconds`.
    func turn(for seconds: UInt64, _ what: String, until isDone: () -> Bool) throws {
        let end = monotonicNow() + milliseconds(seconds * 1_000)
        while !isDone() {
            try turn()
            if monotonicNow() > end { throw HarnessError("\(what): not after \(seconds) s") }
        }
    }

    // MARK: Rounds

    func run() throws {
        try server.start()
        try turn(for: 120, "all accounts are there") { devices.allSatisfy(\.isLive) }
        for round in 1...max(1, settings.rounds) {
            try self.round(round)
        }
        try settle()
        try audit()
    }

    private func round(_ round: Int) throws {
        let isShort = Int.random(in: 0..<5, using: &random) == 0
        let life = UInt64.random(in: isShort ? 1...120 : 250...900, using: &random)
        let start = monotonicNow()
        let sendsBefore = sent
        while monotonicNow() < start + milliseconds(life) {
            try turn()
            // Spread over the round, so that the kill falls into the midst of it.
            let isDue = UInt64(settings.sends) * (monotonicNow() - start) / milliseconds(600)
            if sent - sendsBefore < isDue { act() }
        }
        server.kill()
        kills += 1
        history.record(.note("kill -9, round \(round)"))
        for index in devices.indices {
            // What the kernel has got already is still read, as a client would.
            devices[index].advance()
            devices[index].cut()
            dueAt[index] = monotonicNow() + milliseconds(UInt64.random(in: 0...60, using: &random))
        }
        try server.start()
    }

    /// Everybody catches up and sends what is unsent.
    private func settle() throws {
        for device in devices {
            device.listens = false
            if device.door == .poll { device.cut() }
        }
        try turn(for: 60, "all devices are at rest") { devices.allSatisfy(\.isAtRest) }
    }

    /// A new device of every user reads the whole inbox, every conversation and the list of them.
    private func audit() throws {
        let auditors = devices.filter { $0.index == 0 }.map {
            ProbeDevice(auditing: $0, history)
        }
        for auditor in auditors { add(auditor) }
        try turn(for: 60, "the inboxes are read") { auditors.allSatisfy(\.isAtRest) }
        let users = auditors.map(\.user)
        let groups = Set(devices.flatMap(\.groups))
        for auditor in auditors {
            auditor.askForSummaries()
            let pairs = users.map { ConversationKey.between(auditor.user, $0) }
            for conversation in pairs + groups {
                auditor.ask(conversation, .newest, limit: 100)
                auditor.ask(conversation, .after(0), limit: 100)
                // At most 32 requests of a socket may be open.
                try turn(for: 60, "the conversations are read") { auditor.isAtRest }
            }
        }
        for device in devices { device.lookOnce() }
        try turn(for: 30, "all devices of a user stand at one cursor") {
            devices.allSatisfy { device in
                let auditor = auditors.first { $0.user == device.user }
                return device.isAtRest && device.client?.cursor == auditor?.client?.cursor
            }
        }
    }
}
