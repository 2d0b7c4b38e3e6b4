import Glibc
import MartletHarness
import MartletSimulation

/// A fleet under chat load, and what happens to it: faults that overlap, and failovers.
final class ChaosRun {
    struct Settings {
        var rounds = 40
        /// When to begin no more rounds, in seconds from the start of the first one.
        var seconds: UInt64?
        /// Sends in a second.
        var sends = 60
        /// The longest time that a fault lasts, in milliseconds.
        var longest: UInt64 = 20_000
        /// Of a hundred rounds, how many are failovers.
        var failovers = 15
        /// Nothing but failovers, one after the other.
        var failoversOnly = false
        /// Whether what happens is printed as it does.
        var tells = false
    }

    private struct Ending {
        var at: UInt64
        var fault: ChaosFault
        var name: String
    }

    let settings: Settings
    let fleet: Fleet
    let crowd: Crowd
    let wires: Namespaces?
    var random: SeededGenerator
    var tally = ChaosTally()
    var strays: [StrayClient] = []
    private var endings: [Ending] = []
    /// The first acknowledgement since this was emptied.
    var firstAcknowledgement: UInt64?
    private var isLoaded = false
    private var loadedAt: UInt64 = 0
    private var sentBefore = 0
    private(set) var rounds = 0
    private let startedAt = monotonicNow()
    /// What is wrong beside what clients saw.
    var complaints: [String] = []

    init(_ settings: Settings, _ fleet: Fleet, _ crowd: Crowd, _ wires: Namespaces?, seed: UInt64) {
        self.settings = settings
        self.fleet = fleet
        self.crowd = crowd
        self.wires = wires
        random = SeededGenerator(seed: ~seed)
        crowd.everyTurn = { [unowned self] in try everyTurn() }
        crowd.onAcknowledgement = { [unowned self] now in
            if firstAcknowledgement == nil { firstAcknowledgement = now }
            let before = max(crowd.acknowledgedAt, loadedAt)
            guard isLoaded else { return }
            let gap = (max(now, before) - before) / 1_000_000
            tally.acknowledge(after: gap)
            if gap >= ChaosTally.outageMin { note("unavailable for \(ChaosTally.seconds(gap))") }
        }
        crowd.backlog = 6
    }

    private func everyTurn() throws {
        let now = monotonicNow()
        for ending in endings where ending.at <= now { try end(ending) }
        endings.removeAll { $0.at <= now }
        try fleet.supervise()
        for stray in strays { try stray.advance() }
        if isLoaded {
            let due = UInt64(settings.sends) * (now - loadedAt) / milliseconds(1_000)
            // What could not be sent in time is not sent later: everybody waits.
            if UInt64(crowd.sent - sentBefore) < due { crowd.act() }
        }
    }

    func load(_ isOn: Bool) {
        isLoaded = isOn
        loadedAt = monotonicNow()
        sentBefore = crowd.sent
    }

    func note(_ text: String) {
        crowd.history.record(.note(text))
        guard settings.tells else { return }
        print(ChaosTally.seconds((monotonicNow() - startedAt) / 1_000_000), text)
        fflush(nil)
    }

    /// Lets all go on for a while.
    func drive(milliseconds length: UInt64) throws {
        let end = monotonicNow() + milliseconds(length)
        while monotonicNow() < end { try crowd.turn() }
    }

    // MARK: The run

    func run() throws {
        try start()
        load(true)
        let start = monotonicNow()
        while rounds < settings.rounds {
            if let seconds = settings.seconds,
                monotonicNow() - start > milliseconds(seconds * 1_000)
            {
                break
            }
            rounds += 1
            try round()
        }
        try comeToRest()
    }

    func start() throws {
        let primary = fleet.primary
        fleet.lead(primary, [.server])
        try crowd.turn(for: 60, "there is a store") {
            access(primary.data + "/CURRENT", F_OK) == 0
        }
        note("there is a store")
        fleet.lead(primary)
        for machine in fleet.followers { fleet.follow(machine) }
        try crowd.turn(for: 120, "all followers stream") { fleet.isStreaming }
        // Not before: logins that fail make an address wait.
        crowd.servers = fleet.servers()
        note("all followers stream")
        try crowd.turn(for: 240, "all accounts are there") { crowd.devices.allSatisfy(\.isLive) }
        note("all accounts are there")
        crowd.patience = milliseconds(3_000)
    }

    private func round() throws {
        let isFailover = Int.random(in: 0..<100, using: &random) < settings.failovers
        if isFailover || settings.failoversOnly {
            try failover()
        } else if let fault = pick(), !endings.contains(where: { $0.fault.place == fault.place }) {
            try begin(fault)
        }
        try drive(milliseconds: UInt64.random(in: 200...2_000, using: &random))
    }

    /// Ends the faults that are there.
    func heal() throws {
        for ending in endings { try end(ending) }
        endings = []
        try wires?.heal()
    }

    /// Nothing fails any more: all must come to rest with the same messages, and tell everything.
    private func comeToRest() throws {
        note("all is healed")
        try heal()
        try crowd.turn(for: 120, "all followers stream in the end") { fleet.isStreaming }
        note("all followers stream")
        load(false)
        try crowd.settle()
        try crowd.audit()
        note("all is read")
        crowd.cutAll()
        crowd.everyTurn = { [unowned self] in try fleet.supervise() }
        crowd.servers = []
        // What a server writes as it stops is shipped from its closed log.
        try stop(fleet.primary, .daemon)
        try stop(fleet.primary, .server)
        try crowd.turn(for: 120, "the followers have all of it") { fleet.isLevel }
        try stop(fleet.primary, .shipper)
        for machine in fleet.followers { try stop(machine, .follower) }
    }

    func stop(_ machine: Machine, _ part: Part) throws {
        guard let process = machine.stop(part) else { return }
        try crowd.turn(for: 60, "the \(part.rawValue) of \(machine.name) stops") {
            process.poll() != nil
        }
        let code = process.wait()
        // One that was only just started may not listen to signals yet.
        if code != 0, code != -SIGTERM {
            complaints.append("the \(part.rawValue) of \(machine.name) stopped with \(code)")
        }
    }

    // MARK: Faults

    private func pick() -> ChaosFault? {
        let primary = fleet.primary.name
        let follower = fleet.followers.randomElement(using: &random)?.name ?? primary
        let parts: [(Part, String)] = [
            (.server, primary), (.shipper, primary), (.daemon, primary), (.follower, follower),
        ]
        guard let (part, machine) = parts.randomElement(using: &random) else { return nil }
        let isByWire = wires != nil && Int.random(in: 0..<100, using: &random) < 55
        guard isByWire else {
            return Bool.random(using: &random)
                ? .kill(part, of: machine) : .pause(part, of: machine)
        }
        // A server's peers are its clients; a shipper and a follower are each other's.
        let isClients = Int.random(in: 0..<3, using: &random) == 0
        let pair = [primary, isClients ? Namespaces.clients : follower].shuffled(using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0...1: return .apart(pair[0], pair[1])
        case 2...3: return .cut(from: pair[0], to: pair[1])
        case 4...5: return .lossy(from: pair[0], to: pair[1])
        default: return .held(pair[0])
        }
    }

    private func begin(_ fault: ChaosFault) throws {
        let name = fault.name(primary: fleet.primary.name)
        note(fault.description)
        tally.begin(name)
        var length = UInt64.random(in: 100...3_000, using: &random)
        if Int.random(in: 0..<6, using: &random) == 0 {
            // Longer than a peer may be silent.
            length = UInt64.random(in: 3_000...20_000, using: &random)
        }
        length = min(length, settings.longest)
        switch fault {
        case .kill(let part, let machine):
            length = min(length, 1_500)
            find(machine)?.kill(part, again: length)
            if part == .server { crowd.cutAll(to: find(machine)?.chat) }
        case .pause, .cut, .apart, .lossy, .held: try put(fault, true)
        }
        endings.append(
            Ending(at: monotonicNow() + milliseconds(length), fault: fault, name: name))
    }

    private func end(_ ending: Ending) throws {
        note("end of \(ending.fault)")
        tally.end(ending.name)
        if case .kill = ending.fault { return }
        try put(ending.fault, false)
    }

    private func put(_ fault: ChaosFault, _ isOn: Bool) throws {
        switch fault {
        case .kill: break
        case .pause(let part, let machine): find(machine)?.send(isOn ? SIGSTOP : SIGCONT, to: part)
        case .cut(let from, let to): try wires?.set(.cut, isOn, from: from, to: to)
        case .apart(let one, let other):
            try wires?.set(.cut, isOn, from: one, to: other)
            try wires?.set(.cut, isOn, from: other, to: one)
        case .lossy(let from, let to): try wires?.set(.lossy, isOn, from: from, to: to)
        case .held(let machine): try wires?.hold(machine, isOn)
        }
    }

    private func find(_ name: String) -> Machine? { fleet.machines.first { $0.name == name } }
}
