import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

/// The ledger in front of a store on a simulated machine, step by step as one seed decides, beside
/// the model: procedures are begun, what they need is read, and they are admitted, in any order,
/// while commits succeed, fail, and the power goes.
final class LedgerScript {
    struct Job {
        var procedure: any Procedure
        var pinned: [Fact]
        var unknown: [Fact]
        var found: [(FactKey, FactValue)]?
    }

    /// A procedure that waits for its commit, with what the model says to it.
    struct Decided {
        var procedure: any Procedure
        var expected: String
    }

    let seed: UInt64
    let simulation: Simulation
    var random: SplitMix
    private(set) var chat: Parts
    private var ledger: Ledger<Int>
    private var open: [Job] = []
    private var decided: [Int: Decided] = [:]
    private var batch: WriteBatch?
    /// As decided, and as stored.
    private var model: ModelChat
    private(set) var stored: ModelChat
    private var clock: UInt64 = 1
    private(set) var problems: [String] = []
    private(set) var committed = 0

    static let users = (1...7).map { UserID(rawValue: $0) }

    init(seed: UInt64) throws {
        self.seed = seed
        simulation = Simulation(seed: seed)
        random = SplitMix(state: seed)
        chat = try Parts(simulation)
        try chat.makeUsers(Self.users)
        ledger = Self.ledger(seed)
        model = ModelChat(users: Set(Self.users))
        stored = model
    }

    private static func ledger(_ seed: UInt64) -> Ledger<Int> {
        Ledger(cacheEntries: seed % 3 == 0 ? 1 : 1_000, groupCost: seed % 2 == 0 ? 300 : 4_000)
    }

    // MARK: Steps

    /// Three groups of four, so that there is something to do.
    func makeGroups() throws {
        for (place, id) in SplitMix.groups.enumerated() {
            begin(
                CreateGroup(
                    user: Self.users[place], id: id, name: "g",
                    members: Array(Self.users[place + 1...place + 3]),
                    clientMessageID: "made \(place)", now: clock))
        }
        try settle()
    }

    func step() throws {
        switch random.next() % 40 {
        case 0...11: begin(random.procedure(at: clock))
        case 12...27: if let place = randomJob() { try advance(place) }
        case 28...32: try beginCommit()
        case 33...37: try endCommit()
        case 38: if random.next() % 5 == 0 { failCommit() }
        default: if random.next() % 12 == 0 { try cutPower() }
        }
        clock += random.next() % 3
    }

    /// Everything that was begun comes to its end.
    func settle() throws {
        for _ in 0..<100 where !open.isEmpty {
            for place in open.indices.reversed() {
                try read(place)
                decide(place)
            }
        }
        if !open.isEmpty { problem("procedures want more facts again and again") }
        while !ledger.isIdle {
            try beginCommit()
            try endCommit()
        }
        if !decided.isEmpty { problem("\(decided.count) answers never came") }
        simulation.executor.runAll()
    }

    private func randomJob() -> Int? {
        open.isEmpty ? nil : Int(random.next() % UInt64(open.count))
    }

    private func advance(_ place: Int) throws {
        if open[place].found == nil, !open[place].unknown.isEmpty {
            try read(place)
            if random.next() % 2 == 0 { return }
        }
        decide(place)
    }

    private func begin(_ procedure: any Procedure) {
        let pinned = ledger.begin(procedure)
        let unknown = pinned.filter { !$0.isKnown }
        open.append(Job(procedure: procedure, pinned: pinned, unknown: unknown))
        if unknown.isEmpty, random.next() % 2 == 0 { decide(open.count - 1) }
    }

    private func read(_ place: Int) throws {
        if open[place].found == nil {
            open[place].found = try chat.read(open[place].unknown.map(\.key))
        }
    }

    private func decide(_ place: Int) {
        guard open[place].found != nil || open[place].unknown.isEmpty else { return }
        var job = open.remove(at: place)
        for (fact, value) in zip(job.unknown, job.found ?? []) { ledger.learn(fact, value.1) }
        let id = decided.count + committed * 1_000
        switch ledger.admit(job.procedure, &job.pinned, id) {
        case .incomplete:
            job.unknown = job.pinned.filter { !$0.isKnown }
            job.found = nil
            open.append(job)
        case .joined:
            let expected = model.perform(job.procedure)
            decided[id] = Decided(procedure: job.procedure, expected: expected)
        case .answered(let answer):
            compare(Self.describe(answer), model.perform(job.procedure), job.procedure)
        case .refused(let error):
            compare("refused: \(error.code)", model.perform(job.procedure), job.procedure)
        }
    }

    private func beginCommit() throws {
        guard let group = ledger.beginCommit() else { return }
        batch = try chat.encoder.encode(group)
    }

    private func endCommit() throws {
        guard let batch else { return }
        try chat.store.write(batch, durability: .synced)
        self.batch = nil
        acknowledge()
    }

    private func acknowledge() {
        for entry in ledger.commitSucceeded() {
            committed += 1
            guard let decision = decided.removeValue(forKey: entry.reply) else { continue }
            let told =
                switch entry.outcome {
                case .success(let answer): Self.describe(answer)
                case .failure(let error): "refused: \(error.code)"
                }
            compare(told, decision.expected, decision.procedure)
            _ = stored.perform(decision.procedure)
        }
    }

    /// The store refuses the batch: nothing of it is written.
    private func failCommit() {
        guard batch != nil else { return }
        batch = nil
        for entry in ledger.commitFailed() { decided[entry.reply] = nil }
        // As the desk does: what was begun before is not admitted any more.
        for job in open { ledger.abandon(job.pinned) }
        open = []
        model = stored
    }

    // MARK: The power goes

    /// With a commit under way, some operation of the disk fails or the power goes in the middle
    /// of it: afterwards it is stored as a whole or not at all.
    private func cutPower() throws {
        var after = stored
        let underWay = batch == nil ? nil : ledger.underWay
        if let batch, let group = underWay {
            for entry in group.entries {
                if let decision = decided[entry.reply] { _ = after.perform(decision.procedure) }
            }
            let failure: DiskFailure = random.next() % 2 == 0 ? .io : .powerCut
            simulation.disk.failOperation(
                at: simulation.disk.operations + 1 + random.next() % 3, failure)
            if (try? chat.store.write(batch, durability: .synced)) != nil { stored = after }
        }
        simulation.crash(seed: random.next())
        chat = try Parts(simulation)
        // Not every commit has events: its rows tell whether it is stored.
        if let underWay, try isStored(underWay) { stored = after }
        if try chat.seqs(Self.users) != stored.seqs { problem("half a commit is stored") }
        ledger = Self.ledger(seed)
        (open, decided, batch, model) = ([], [:], nil, stored)
    }

    private func isStored(_ group: Ledger<Int>.Group) throws -> Bool {
        for change in group.changes {
            if case .account = change.fact.key { continue }
            if try chat.facts.read(change.fact.key) != change.value { return false }
        }
        return true
    }

    // MARK: Words

    private func compare(_ told: String, _ expected: String, _ procedure: any Procedure) {
        if told != expected { problem("\(procedure): '\(told)', not '\(expected)'") }
    }

    func problem(_ text: String) {
        if problems.count < 5 { problems.append(text) }
    }

    private static func describe(_ answer: Answer) -> String {
        switch answer {
        case .sent(let receipt): "sent \(receipt.conversation) \(receipt.number) \(receipt.seq)"
        case .moved(let place): "moved \(place)"
        case .revised: "revised"
        case .group(_, let number): "group \(number.map { "\($0)" } ?? "-")"
        case .link: "link"
        case .contact(let row): "contact \(row)"
        case .settings(let settings): "settings \(settings)"
        case .mutedUntil(let until): "muted \(until)"
        case .done: "done"
        }
    }
}

extension ModelChat {
    var seqs: [UInt64] {
        LedgerScript.users.map { UInt64(inboxes[$0]?.count ?? 0) }
    }
}
