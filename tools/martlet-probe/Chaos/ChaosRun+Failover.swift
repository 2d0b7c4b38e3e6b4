import Glibc
import MartletHarness
import MartletSimulation

/// Failovers, as an operator makes them: the old server is stopped, or out of its clients' reach,
/// another one is promoted, clients are told, and the old machine comes back as a follower.
extension ChaosRun {
    private enum Way: String, CaseIterable {
        /// The server is asked to stop, and the shipper when a follower has all of its log.
        case handover
        case killed
        /// All of the old machine stands still until another one leads. Then it goes on.
        case paused
        /// The old machine hears nobody and is heard by nobody. Clients hear it again, before the
        /// other machines do.
        case isolated
    }

    /// Tries of `martlet promote` until the run is given up.
    private static let triesMax = 12

    func failover() throws {
        let ways = Way.allCases.filter { $0 != .isolated || wires != nil }
        guard let way = ways.randomElement(using: &random) else { return }
        let isCalm = Int.random(in: 0..<3, using: &random) > 0
        try heal()
        if isCalm || settings.failoversOnly {
            try crowd.turn(for: 120, "all followers stream before a failover") {
                fleet.isStreaming
            }
        }
        let name = "failover \(way.rawValue)"
        tally.begin(name)
        let old = fleet.primary
        note("failover \(tally.failovers.count + 1) \(way.rawValue), \(old.name) leads")
        let areTold = try isCalm && areFollowersTold()
        try leave(old, way)
        // An operator looks first, sometimes for longer than peers stay silent.
        try drive(milliseconds: UInt64.random(in: 0...1_500, using: &random))
        let start = monotonicNow()
        let (new, tries, word) = try promote(start)
        let command = monotonicNow() - start
        note("\(new.name) was promoted")
        if areTold, tries == 1, let word, !word.isKept {
            complaints.append(
                "cursors do not hold after failover \(tally.failovers.count + 1) \(way.rawValue), "
                    + "though \(new.name) was told that readers wait")
        }
        firstAcknowledgement = nil
        fleet.lead(new)
        crowd.servers = fleet.servers(without: old)
        try comeBack(old, way)
        crowd.servers = fleet.servers()
        try crowd.turn(for: 180, "a message is acknowledged after a failover to \(new.name)") {
            firstAcknowledgement != nil
        }
        let first = firstAcknowledgement ?? start
        tally.add(
            ChaosTally.Failover(
                kind: way.rawValue, command: command / 1_000_000, tries: tries,
                acknowledged: (first - start) / 1_000_000))
        tally.end(name)
        note("messages are acknowledged again")
    }

    /// Whether all followers have surely been told that readers wait for them: the server has let
    /// clients in, and for longer than a heartbeat takes they have been attached to it.
    private func areFollowersTold() throws -> Bool {
        guard firstAcknowledgement != nil, fleet.isStreaming else { return false }
        try drive(milliseconds: 1_500)
        return fleet.isStreaming
    }

    /// The old primary is gone, or taken away from its clients.
    private func leave(_ old: Machine, _ way: Way) throws {
        switch way {
        case .handover:
            try stop(old, .server)
            try crowd.turn(for: 60, "a follower has all that a stopped server wrote") {
                fleet.followers.contains(where: fleet.isLevel)
            }
            try stop(old, .shipper)
            try stop(old, .daemon)
        case .killed: old.killAll()
        case .paused: old.pauseAll(true)
        case .isolated:
            for other in fleet.followers.map(\.name) + [Namespaces.clients] {
                try separate(old, other, true)
            }
        }
        crowd.servers = []
        crowd.cutAll()
    }

    private func separate(_ old: Machine, _ other: String, _ isOn: Bool) throws {
        try wires?.set(.cut, isOn, from: old.name, to: other)
        try wires?.set(.cut, isOn, from: other, to: old.name)
    }

    /// Promotes one of the followers; one that has less than another one is no use, and the command
    /// may be killed as well.
    private func promote(
        _ start: UInt64
    ) throws -> (machine: Machine, tries: Int, word: CursorRecord.Word?) {
        var candidates = fleet.followers.shuffled(using: &random)
        for tries in 1...Self.triesMax {
            let machine = candidates[0]
            machine.release(.follower)
            note("martlet promote on \(machine.name)")
            note(CursorRecord.asked)
            let process = try fleet.promote(machine, seconds: 30)
            var killAt = UInt64.max
            if Int.random(in: 0..<6, using: &random) == 0 {
                killAt = monotonicNow() + milliseconds(.random(in: 10...2_500, using: &random))
            }
            try crowd.turn(for: 120, "a promotion ends") {
                if monotonicNow() >= killAt {
                    killAt = .max
                    tally.begin("kill promote")
                    tally.end("kill promote")
                    process.send(SIGKILL)
                }
                return process.poll() != nil
            }
            if process.wait() == 0 {
                let word = CursorRecord.Word(process.output)
                if let word {
                    note(CursorRecord.hold(word))
                } else {
                    complaints.append("a promotion says nothing of cursors: \(process.output)")
                }
                if fleet.settings.servesReads {
                    machine.becomeServer()
                } else {
                    // It was asked to stop, and has.
                    machine.kill(.follower)
                }
                return (machine, tries, word)
            }
            if process.wait() == -SIGKILL, try hasPromotedItself(machine) {
                note(CursorRecord.unheard)
                machine.becomeServer()
                return (machine, tries, nil)
            }
            note("no promotion: exit code \(process.wait()), \(process.output.prefix(200))")
            note(CursorRecord.refused)
            fleet.follow(machine)
            if process.wait() != -SIGKILL { candidates.append(candidates.removeFirst()) }
        }
        throw HarnessError("no follower can be promoted, see \(fleet.log)")
    }

    /// Whether a follower that serves reads has gone on with its promotion, though the command that
    /// asked for it was killed.
    private func hasPromotedItself(_ machine: Machine) throws -> Bool {
        guard fleet.settings.servesReads else { return false }
        // What was asked for has surely been begun.
        try drive(milliseconds: 500)
        var isServer = false
        try crowd.turn(for: 60, "\(machine.name) has been promoted, or follows again") {
            isServer = FleetStatus.isThere("\(machine.data)/control.sock")
            return isServer || FleetStatus.ask("\(machine.data).follower.sock") != nil
        }
        return isServer
    }

    /// The old machine is there again, first with its old server where that was not stopped. Then
    /// it follows.
    private func comeBack(_ old: Machine, _ way: Way) throws {
        try drive(milliseconds: UInt64.random(in: 0...1_000, using: &random))
        switch way {
        case .handover, .killed: break
        case .paused:
            old.pauseAll(false)
            try stray(old)
        case .isolated:
            try separate(old, Namespaces.clients, false)
            try stray(old)
        }
        old.killAll()
        try wires?.heal()
        note("\(old.name) follows")
        fleet.follow(old)
    }

    /// Clients that were not told go on writing to the old server.
    private func stray(_ old: Machine) throws {
        let users = crowd.devices.filter { $0.index == 0 }
        for (index, device) in users.prefix(2).enumerated() {
            let peer = users[(index + 1) % users.count].user
            let stray = StrayClient(
                device, to: peer, "stray\(tally.failovers.count).\(index)", crowd.history)
            stray.connect(to: old.chat, source: crowd.source)
            strays.append(stray)
        }
        try drive(milliseconds: UInt64.random(in: 500...2_500, using: &random))
        for stray in strays {
            tally.strayTries += stray.tried
            tally.strayAcknowledged += stray.acknowledged
            stray.close()
        }
        strays = []
    }
}
