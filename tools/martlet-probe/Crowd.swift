import Glibc
import MartletHarness
import MartletSimulation

/// Many devices in one thread around `poll(2)`. They look for a server among several addresses, one
/// after the other.
final class Crowd {
    struct Settings {
        var users = 6
        var devices = 2
        /// Whether some devices use long poll.
        var polls = true
        /// The address that the first device comes from; the others come from those behind it.
        var source: UInt32 = 0x7f00_0100
    }

    let history = ChatHistory()
    /// The first address that devices come from.
    let source: UInt32
    var random: SeededGenerator
    private(set) var devices: [ProbeDevice] = []
    /// Where a server may be.
    var servers: [Endpoint] = []
    /// How long devices wait for an answer before they try the next address.
    var patience: UInt64? {
        didSet { for device in devices { device.patience = patience } }
    }
    /// Runs in every turn, before the devices do.
    var everyTurn: () throws -> Void = {}
    /// When a new message was last acknowledged.
    private(set) var acknowledgedAt: UInt64 = 0
    /// Called with each acknowledgement, before `acknowledgedAt` moves.
    var onAcknowledgement: (_ now: UInt64) -> Void = { _ in }
    /// When each device that is not connected tries again.
    private var dueAt: [UInt64] = []
    /// Which address each device tries next.
    private var nextServer: [Int] = []
    private var connections = 0
    private var nextRetry: UInt64 = 0
    /// Messages that one device may have waiting to go off.
    var backlog = Int.max
    var sent = 0
    /// Who was in a group from the first, by its name.
    var created: [String: [UInt64]] = [:]

    init(_ settings: Settings, seed: UInt64) {
        source = settings.source
        random = SeededGenerator(seed: seed)
        for user in 0..<settings.users {
            for index in 0..<settings.devices {
                let polls = settings.polls && index > 0 && user % 2 == 0
                add(
                    ProbeDevice(
                        "user\(user)", index, polls ? .poll : .socket, history,
                        source: settings.source + UInt32(user * 16 + index)))
            }
        }
    }

    func add(_ device: ProbeDevice) {
        device.patience = patience
        devices.append(device)
        dueAt.append(0)
        nextServer.append(0)
    }

    // MARK: The loop

    /// Lets everything happen that can within a few milliseconds.
    func turn() throws {
        try everyTurn()
        let now = monotonicNow()
        for index in devices.indices { try connectIfDue(index, now) }
        wait()
        for (index, device) in devices.enumerated() where !device.descriptors.isEmpty {
            let wasLive = device.isLive
            device.advance()
            if device.acknowledged > 0 {
                device.acknowledged = 0
                onAcknowledgement(monotonicNow())
                acknowledgedAt = monotonicNow()
            }
            if device.descriptors.isEmpty {
                if !wasLive { nextServer[index] += 1 }
            } else if isLost(device, now) {
                device.cut()
                nextServer[index] += 1
            } else {
                device.lookForLife(now)
            }
        }
        if now >= nextRetry {
            nextRetry = now + milliseconds(200)
            for device in devices where device.isLive { device.retry() }
        }
        if let complaint = devices.lazy.compactMap(\.complaint).first {
            throw HarnessError(complaint)
        }
    }

    private func connectIfDue(_ index: Int, _ now: UInt64) throws {
        guard devices[index].descriptors.isEmpty, dueAt[index] <= now, mayConnect(index),
            !servers.isEmpty
        else { return }
        connections += 1
        dueAt[index] = now + milliseconds(UInt64.random(in: 10...150, using: &random))
        let server = servers[nextServer[index] % servers.count]
        devices[index].connect(to: server, connection: connections)
        // Refused at once.
        if devices[index].descriptors.isEmpty { nextServer[index] += 1 }
    }

    /// Whether the server of a device does not answer, or has not stored anything for long.
    private func isLost(_ device: ProbeDevice, _ now: UInt64) -> Bool {
        if device.isGivenUp(now) { return true }
        guard servers.count > 1, let since = device.refusedSince else { return false }
        return now > since + milliseconds(2_000)
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
    func turn(for seconds: UInt64, _ what: String, until isDone: () throws -> Bool) throws {
        let end = monotonicNow() + milliseconds(seconds * 1_000)
        while try !isDone() {
            try turn()
            if monotonicNow() > end { throw HarnessError("\(what): not after \(seconds) s") }
        }
    }

    /// Ends connections, to all servers or to one, as their machine's end would. What the kernel
    /// has got already is still read.
    func cutAll(to server: Endpoint? = nil) {
        for (index, device) in devices.enumerated()
        where server == nil || device.server == server {
            device.advance()
            device.cut()
            dueAt[index] = monotonicNow() + milliseconds(UInt64.random(in: 0...60, using: &random))
        }
    }

    // MARK: The end

    /// Everybody catches up and sends what is unsent.
    func settle() throws {
        for device in devices {
            device.listens = false
            if device.door == .poll { device.cut() }
        }
        try turn(for: 60, "all devices are at rest") { devices.allSatisfy(\.isAtRest) }
    }

    /// A new device of every user reads the whole inbox, every conversation and the list of them.
    func audit() throws {
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
