import MartletSimulation
import MartletStore

@testable import MartletChat

/// Clients, a network that fails, and one server that crashes. One seed decides all.
final class ClientWorld {
    let seed: UInt64
    let faults: WorldFaults
    let simulation: Simulation
    let history = ChatHistory()
    var random: SeededGenerator
    var server: SimulatedServer
    var users: [UserID] = []
    var clients: [ChatClient] = []
    /// By client; `nil` while it is not connected.
    var links: [Link?] = []
    var linksMade = 0
    var messagesComposed = 0
    var counts = WorldCounts()
    private(set) var failure: (any Error)?
    /// Groups that somebody was told of, with who made them.
    var groups: [ConversationKey: UInt64] = [:]
    /// Who was in a group from the first, by its name.
    private var created: [String: [UInt64]] = [:]
    private var clockOffset: Int64 = 0

    /// A connection with the frames on their way.
    struct Link {
        var id: Int
        var toServer: [ClientCall] = []
        var toClient: [Frame] = []
    }

    enum Frame {
        case answer(id: Int, ClientAnswer)
        case push(epoch: UInt64, SeenEvent)
    }

    init(seed: UInt64, _ change: (inout WorldFaults) -> Void = { _ in }) throws {
        self.seed = seed
        simulation = Simulation(seed: seed)
        random = SeededGenerator(seed: seed &* 31 &+ 7)
        var faults = WorldFaults(&random)
        change(&faults)
        self.faults = faults
        server = try SimulatedServer(
            simulation, WorldFaults.storeOptions(&random), WorldFaults.chatOptions(&random),
            faults.sabotage)
        for index in 0..<Int.random(in: 2...4, using: &random) {
            let user = try server.register("user\(index)")
            users.append(user)
            for device in 0..<Int.random(in: 1...2, using: &random) {
                clients.append(
                    ChatClient(
                        DeviceKey(user.rawValue, device), history, pageLimit: faults.pageLimit))
                links.append(nil)
            }
        }
    }

    /// The troubled part, then peace, then all is read once more. What clients saw is checked
    /// whatever happens; `failure` is what else went wrong.
    func run() -> HistoryReport {
        do {
            for _ in 0..<faults.steps { try step() }
            try settle()
            try audit()
        } catch {
            failure = error
        }
        return check()
    }

    func check() -> HistoryReport {
        HistoryChecker.check(
            history.observations, memberships: history.memberships(created: created))
    }

    // MARK: Steps

    private func step() throws {
        let now = Int.random(in: 0..<1_000, using: &random)
        var mark = 0
        func isNow(_ rate: Int) -> Bool {
            mark += rate
            return now < mark
        }
        if isNow(faults.cuts) {
            cut(Int.random(in: 0..<clients.count, using: &random))
        } else if isNow(faults.crashes) {
            try crash()
        } else if isNow(faults.diskFailures) {
            armDisk()
        } else if isNow(faults.clockSteps) {
            stepClock()
        } else if isNow(faults.impatience) {
            loseHope()
        } else if isNow(150) {
            act()
        } else if isNow(40) {
            connectOne()
        } else if now % 3 == 0 {
            _ = simulation.executor.runOne()
        } else {
            deliver()
        }
        collect()
        simulation.clock.advance(microseconds: UInt64.random(in: 1...50_000, using: &random))
    }

    /// Something that a person does on a random device.
    private func act() {
        let index = Int.random(in: 0..<clients.count, using: &random)
        let conversation = randomConversation(of: index)
        let last = clients[index].lasts[conversation] ?? 0
        if Int.random(in: 0..<10, using: &random) < faults.changes {
            return send(change(conversation, last, of: index), of: index)
        }
        let calls: [ClientCall]
        switch Int.random(in: 0..<10, using: &random) {
        case 0: calls = clients[index].askForSummaries()
        case 1:
            calls = clients[index].ask(
                conversation, .newest, limit: Int.random(in: 1...5, using: &random))
        case 2:
            let number = UInt64.random(in: 0...last + 1, using: &random)
            let range: SeenRange = Bool.random(using: &random) ? .before(number) : .after(number)
            calls = clients[index].ask(
                conversation, range, limit: Int.random(in: 1...5, using: &random))
        case 3:
            let receipt: SeenReceipt = Bool.random(using: &random) ? .read : .delivered
            let upTo = UInt64.random(in: 0...last + 2, using: &random)
            calls = clients[index].move(receipt, conversation, upTo: upTo)
        default:
            messagesComposed += 1
            let content = "m\(messagesComposed)"
            let filler = String(repeating: ".", count: Int.random(in: 0...40, using: &random))
            calls = clients[index].compose(
                conversation, clientMessageID: content, content: content + filler)
        }
        send(calls, of: index)
    }

    private func change(
        _ conversation: ConversationKey, _ last: UInt64, of index: Int
    ) -> [ClientCall] {
        messagesComposed += 1
        let own = clients[index].device.user
        let number = UInt64.random(in: 0...last + 1, using: &random)
        let others = users.map(\.rawValue).filter { $0 != own }
        let other = others.randomElement(using: &random) ?? own
        let change: ClientChange
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            let name = "group \(messagesComposed)"
            let members = others.filter { _ in Bool.random(using: &random) }
            created[name] = [own] + members
            return clients[index].create(
                name, members: members, clientMessageID: "g\(messagesComposed)")
        case 1: change = .add(Bool.random(using: &random) ? [other] : others)
        case 2: change = .remove(other)
        // Who made a group stays in it, so that somebody sees all of it.
        case 3 where groups[conversation] != own: change = .leave
        case 4: change = .delete(number)
        case 5: change = .hide(number)
        default: change = .edit(number, content: "m\(messagesComposed) edited")
        }
        return clients[index].change(conversation, change)
    }

    private func randomConversation(of index: Int) -> ConversationKey {
        let own = clients[index].device.user
        let groups = groups.keys.sorted { "\($0)" < "\($1)" }
        if faults.changes > 0, Bool.random(using: &random),
            let group = groups.randomElement(using: &random)
        {
            return group
        }
        let other = users.randomElement(using: &random)?.rawValue ?? own
        return .between(own, other)
    }

    /// Gives up an answer, or asks again for what had failed.
    private func loseHope() {
        let index = Int.random(in: 0..<clients.count, using: &random)
        if let id = clients[index].unanswered.randomElement(using: &random) {
            send(clients[index].giveUp(id), of: index)
            counts.givenUp += 1
        }
        send(clients[index].retry(), of: index)
    }

    private func stepClock() {
        let step = Int64.random(in: -6 * 3_600_000_000...6 * 3_600_000_000, using: &random)
        // Within a day of the true time: repeats are recognised for longer.
        let offset = min(max(clockOffset + step, -86_400_000_000), 86_400_000_000)
        let now = Int64(simulation.clock.now()) + offset - clockOffset
        clockOffset = offset
        simulation.clock.set(UInt64(max(now, 0)))
        counts.clockSteps += 1
    }

    private func armDisk() {
        let delay = UInt64.random(in: 1...30, using: &random)
        let failures: [DiskFailure] = [.io, .noSpace, .shortWrite, .powerCut]
        let disk = simulation.disk
        disk.failOperation(
            at: disk.operations + delay, failures.randomElement(using: &random) ?? .io)
        counts.diskFailures += 1
    }

    /// Cuts the power now, boots, and opens the store again, perhaps at the second try.
    func crash(_ mode: CrashMode? = nil) throws {
        let mode = mode ?? CrashMode.allCases.randomElement(using: &random) ?? .random
        history.record(.note("power cut, \(mode)"))
        counts.crashes += 1
        counts.add(server.chat.failedStatistics)
        for index in clients.indices { cut(index) }
        simulation.crash(seed: seed &+ UInt64(counts.crashes), mode: mode)
        if Int.random(in: 0..<3, using: &random) == 0 {
            let delay = UInt64.random(in: 1...40, using: &random)
            simulation.disk.failOperation(at: simulation.disk.operations + delay, .powerCut)
            if (try? server.reopen()) == nil { counts.crashesWhileOpening += 1 }
            simulation.crash(seed: seed &+ UInt64(counts.crashes) &* 31, mode: mode)
        }
        try server.reopen()
    }
}

/// How often what happened.
struct WorldCounts {
    var crashes = 0
    var crashesWhileOpening = 0
    var diskFailures = 0
    var clockSteps = 0
    var cuts = 0
    var duplicated = 0
    var reordered = 0
    var dropped = 0
    var givenUp = 0
    /// Sends that the store could not take, and those of them that were stored later.
    var kept = 0
    var redriven = 0

    mutating func add(_ failed: FailedStatistics) {
        kept += Int(failed.kept)
        redriven += Int(failed.redriven)
    }
}
