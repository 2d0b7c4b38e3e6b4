import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// Who writes: what each batch does, and what was said of it.
final class SystemClients {
    /// One change of a batch, of the families that there were.
    enum Change {
        case put(family: String, row: [UInt8], value: [UInt8])
        case deleteRow(families: [String], row: [UInt8])
        case deleteRange(families: [String], from: [UInt8], to: [UInt8])
    }

    struct Operation {
        var machine: Int
        var generation: Int
        var term: TermID
        var durability: Durability
        /// How many followers must have it.
        var followers: Int
        var changes: [Change]
    }

    struct Answer {
        var id: UInt64
        var result: Result<UInt64, StoreError>
        var role: StoreRole
    }

    private(set) var operations: [UInt64: Operation] = [:]
    /// Those without an answer yet.
    private(set) var open: Set<UInt64> = []
    private let mailbox = SystemMailbox()
    private var lastID: UInt64 = 0

    func makeTables(_ store: Store) throws(StoreError) {
        _ = try store.createTable("ops", families: [FamilySchema("o")])
        _ = try store.createTable("t", families: [FamilySchema("k0"), FamilySchema("k1")])
    }

    /// A further family, with settings that another primary might not choose.
    func makeFamily(_ store: Store, using random: inout SeededGenerator) throws(StoreError) {
        let count = try store.table("t").families.count
        guard count < 5 else { return }
        var schema = FamilySchema("k\(count)")
        schema.blockSize = [1 << 10, 4 << 10].randomElement(using: &random) ?? 1 << 10
        _ = try store.createFamily(schema, in: "t")
    }

    func answers() -> [Answer] {
        let answers = mailbox.take()
        for answer in answers { open.remove(answer.id) }
        return answers
    }

    /// Nobody will answer any more.
    func serverIsGone(_ generation: Int) {
        open = open.filter { operations[$0]?.generation != generation }
    }

    static func row(of id: UInt64) -> [UInt8] {
        withUnsafeBytes(of: id.bigEndian) { Array($0) }
    }

    static func id(of row: UnsafeRawBufferPointer) -> UInt64? {
        row.count == 8 ? row.reduce(0) { $0 << 8 | UInt64($1) } : nil
    }

    /// Submits one batch.
    /// - Returns: its id.
    @discardableResult
    func write(
        to machine: SystemMachine, _ store: Store, _ durability: Durability, followers: Int,
        using random: inout SeededGenerator
    ) throws(StoreError) -> UInt64 {
        lastID += 1
        let id = lastID
        var batch = WriteBatch()
        var changes: [Change] = []
        let value = withUnsafeBytes(of: id) { Array($0) }
        try batch.put(
            store.table("ops").family("o"), row: Self.row(of: id), qualifier: "", value: value)
        changes.append(.put(family: "ops/o", row: Self.row(of: id), value: value))
        let table = try store.table("t")
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            try add(table, value, to: &batch, &changes, using: &random)
        }
        operations[id] = Operation(
            machine: machine.index, generation: machine.ownerGeneration,
            term: store.terms.currentID, durability: durability, followers: followers,
            changes: changes)
        open.insert(id)
        store.submit(batch, durability: durability) { [mailbox, weak store] result in
            mailbox.add(Answer(id: id, result: result, role: store?.role ?? .primary))
        }
        return id
    }

    private func add(
        _ table: Table, _ value: [UInt8], to batch: inout WriteBatch, _ changes: inout [Change],
        using random: inout SeededGenerator
    ) throws(StoreError) {
        let families = table.families.map { "t/\($0.schema.name)" }
        let row: [UInt8] = [UInt8.random(in: 97...104, using: &random)]
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            try batch.deleteRow(table, row: row)
            changes.append(.deleteRow(families: families, row: row))
        case 1:
            let end = [row[0] + 2]
            try batch.deleteRange(table, from: row, to: end)
            changes.append(.deleteRange(families: families, from: row, to: end))
        default:
            let index = Int.random(in: 0..<table.families.count, using: &random)
            let size = [0, 20, 200, 1_500].randomElement(using: &random) ?? 0
            let filler = (0..<size).map { _ in UInt8.random(in: 97...122, using: &random) }
            try batch.put(table.families[index], row: row, qualifier: "", value: value + filler)
            changes.append(.put(family: families[index], row: row, value: value + filler))
        }
    }

    // MARK: What a store must show

    /// Rows and their values by family, after `operations` in their order.
    func contents(after ids: [UInt64]) -> [String: [[UInt8]: [UInt8]]] {
        var contents: [String: [[UInt8]: [UInt8]]] = [:]
        for change in ids.flatMap({ operations[$0]?.changes ?? [] }) {
            switch change {
            case .put(let family, let row, let value): contents[family, default: [:]][row] = value
            case .deleteRow(let families, let row):
                for family in families { contents[family]?[row] = nil }
            case .deleteRange(let families, let from, let to):
                for family in families {
                    contents[family] = contents[family]?.filter { row, _ in
                        row.lexicographicallyPrecedes(from) || !row.lexicographicallyPrecedes(to)
                    }
                }
            }
        }
        return contents.filter { !$0.value.isEmpty }
    }

    /// What reads of `store` show.
    static func contents(of store: Store) throws(StoreError) -> [String: [[UInt8]: [UInt8]]] {
        var contents: [String: [[UInt8]: [UInt8]]] = [:]
        for table in store.tables {
            for family in table.families {
                var rows: [[UInt8]: [UInt8]] = [:]
                let scanner = try store.scan(family, Scan())
                while let row = try scanner.next() {
                    if rows.updateValue(row.cells[0].value, forKey: row.key) != nil {
                        throw StoreError(.corruption, "a row came twice")
                    }
                }
                if !rows.isEmpty { contents["\(table.name)/\(family.schema.name)"] = rows }
            }
        }
        return contents
    }
}

/// What completions said, in their order.
///
/// `@unchecked Sendable`: the only state, `answers`, is read and written under `monitor`, and what
/// is handed out is a copy.
private final class SystemMailbox: @unchecked Sendable {
    private let monitor = Monitor()
    private var answers: [SystemClients.Answer] = []

    func add(_ answer: SystemClients.Answer) { monitor.withLock { answers.append(answer) } }

    func take() -> [SystemClients.Answer] {
        monitor.withLock {
            defer { answers = [] }
            return answers
        }
    }
}

extension SystemWorld {
    /// A client writes to whoever says that it is the primary, or was.
    func write(_ machine: SystemMachine) {
        guard let server = machine.server, server.isOpen, now >= machine.pausedUntil else {
            return
        }
        let waits = swarm.replicas > 0 && !chance(100)
        let durability: Durability =
            waits ? .replicated(swarm.replicas) : chance(500) ? .synced : .written
        do throws(StoreError) {
            if chance(15) { try clients.makeFamily(server.store, using: &random) }
            try clients.write(
                to: machine, server.store, durability, followers: waits ? swarm.replicas : 0,
                using: &random)
        } catch {
            note("node \(machine.index) does not take a family or a batch: \(error)")
        }
        settle(machine)
    }

    /// What became of writes.
    func collect() {
        for answer in clients.answers() {
            guard let operation = clients.operations[answer.id] else { continue }
            switch answer.result {
            case .success(let sequence):
                count("acknowledged")
                checker.acknowledged(answer, operation, at: sequence, machines)
            case .failure(let error): checker.refused(answer.id, error)
            }
        }
    }
}
