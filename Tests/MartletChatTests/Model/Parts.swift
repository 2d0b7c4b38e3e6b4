import MartletSimulation
import MartletStore

@testable import MartletChat

/// What the chat is made of, without its threads, in a store on a simulated machine.
struct Parts {
    let store: Store
    let schema: ChatSchema
    let encoder: GroupEncoder
    let facts: FactReader
    let history: HistoryReader
    let inbox: InboxReader

    init(_ simulation: Simulation) throws {
        var options = StoreOptions()
        options.memtableSize = 64 << 10
        options.logSegmentSize = 64 << 10
        options.diskReserve = 0
        store = try Store.open(
            at: "/chat", options: options, environment: simulation.environment)
        schema = try ChatSchema(store)
        encoder = GroupEncoder(schema: schema, repeatLifetime: nil)
        let directory = Directory(store: store, schema: schema, cacheEntries: 100)
        facts = FactReader(store: store, schema: schema, directory: directory)
        history = HistoryReader(
            store: store, schema: schema, directory: directory, facts: facts)
        inbox = InboxReader(
            store: store, schema: schema, facts: facts, directory: directory)
    }

    func makeUsers(_ users: [UserID]) throws {
        var batch = WriteBatch()
        for user in users {
            let name = "u\(user.rawValue)"
            let value = UserValue(name: name, createdAt: 0, password: nil)
            try batch.set(schema.users, ChatKeys.user(user), value.encoded())
            try batch.set(schema.names, name, NameValue(user: user).encoded())
        }
        try store.write(batch)
    }

    func read(_ keys: [FactKey]) throws -> [(FactKey, FactValue)] {
        try facts.read(keys).get()
    }

    func seqs(_ users: [UserID]) throws -> [UInt64] {
        try users.map { user in try facts.lastSeq(user) }
    }
}
