import Foundation
import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

/// A journal in a directory of a simulated machine, and what its owner would keep in memory.
final class JournalWorld {
    let simulation: Simulation
    var live: [UInt64: FailedRequest] = [:]
    var lastID: UInt64 = 0
    private(set) var journal: FailedJournal
    private(set) var contents: FailedJournal.Contents
    private let bytes: Int

    static let directory = "/chat"

    init(seed: UInt64 = 1, bytes: Int = 16 << 10) throws {
        simulation = Simulation(seed: seed)
        self.bytes = bytes
        try simulation.disk.createDirectory(Self.directory)
        try simulation.disk.syncDirectory("/")
        (journal, contents) = try FailedJournal.open(
            in: Self.directory, bytes: bytes, simulation.environment)
    }

    func open(bytes: Int? = nil) throws {
        (journal, contents) = try FailedJournal.open(
            in: Self.directory, bytes: bytes ?? self.bytes, simulation.environment)
    }

    static func request(_ id: UInt64, text: String = "hello", user: UInt64 = 7) -> FailedRequest {
        FailedRequest(
            id: id,
            send: SendMessage(
                user: UserID(rawValue: user), conversation: ConversationID(rawValue: 9), text: text,
                clientMessageID: "c\(id)", sentAt: 1_700_000_000_000_000, replyTo: nil),
            failedAt: 1_700_000_000_000_001, reason: "the disk is full")
    }

    /// Appends as the owner does: what fails has not happened.
    func append(_ records: FailedRecord...) throws {
        var after = live
        var last = lastID
        for record in records {
            switch record {
            case .failed(let request):
                after[request.id] = request
                last = max(last, request.id)
            case .redriven(let id), .dropped(let id): after[id] = nil
            case .refused(let id, let reason):
                after[id]?.isRefused = true
                after[id]?.reason = reason
            }
        }
        try journal.append(records, lastID: last) { after.values.sorted { $0.id < $1.id } }
        (live, lastID) = (after, last)
    }

    var sorted: [FailedRequest] { live.values.sorted { $0.id < $1.id } }

    func path(_ place: Int) -> String { Self.directory + "/" + FailedJournal.names[place] }
}

/// The chat on a simulated machine, with a journal; two users to begin with.
final class FailedWorld {
    let simulation: Simulation
    private(set) var store: Store
    private(set) var chat: ChatService
    private(set) var users: [UserID] = []
    private let options: ChatOptions

    private static var storeOptions: StoreOptions {
        var options = StoreOptions()
        options.memoryBudget = 4 << 20
        options.memtableSize = 64 << 10
        options.logSegmentSize = 16 << 10
        options.diskReserve = 0
        return options
    }

    init(seed: UInt64 = 1, _ change: (inout ChatOptions) -> Void = { _ in }) throws {
        simulation = Simulation(seed: seed)
        var options = ChatOptions()
        options.passwordCost.logRounds = 2
        options.passwordCost.blockSize = 1
        options.failedJournalBytes = 32 << 10
        change(&options)
        self.options = options
        store = try Store.open(
            at: "/chat", options: Self.storeOptions, environment: simulation.environment)
        chat = try ChatService.open(
            store, options: options, environment: simulation.environment)
        for name in ["ann", "ben"] { users.append(try register(name)) }
    }

    func register(_ name: String) throws -> UserID {
        try result { chat.register(name: name, password: "correct horse", completion: $0) }.user
    }

    /// What ben does about ann.
    func relate(_ action: RelationAction) throws {
        _ = try result {
            chat.changeRelation(user: ben, other: ann, action: action, completion: $0)
        }
    }

    var ann: UserID { users[0] }
    var ben: UserID { users[1] }
    var disk: SimulatedDisk { simulation.disk }

    /// Opens all again, after a stop or a power cut, and lets it come to rest.
    func reopen() throws {
        try openAlone()
        simulation.executor.runAll()
    }

    /// As `reopen`; what the start begins is left to the test.
    func openAlone() throws {
        store = try Store.open(
            at: "/chat", options: Self.storeOptions, environment: simulation.environment)
        chat = try ChatService.open(
            store, options: options, environment: simulation.environment)
    }

    func stop() throws {
        simulation.executor.runAll()
        chat.close()
        try store.close()
        simulation.executor.runAll()
    }

    /// The process ends and starts again; the power stays.
    func restart() throws {
        simulation.executor.runAll()
        chat.close()
        try? store.close()
        try reopen()
    }

    func crash(_ mode: CrashMode = .loseAll, seed: UInt64 = 3) throws {
        simulation.crash(seed: seed, mode: mode)
        try reopen()
    }

    /// The result of a call, when all that it starts is done.
    func result<Value: Sendable>(
        _ call: (@escaping ChatService.Completion<Value>) -> Void
    ) throws -> Value {
        let kept = KeptResult<Value>()
        call { kept.set($0) }
        simulation.executor.runAll()
        return try kept.get()
    }

    @discardableResult
    func send(
        _ text: String, from: UserID? = nil, to: UserID? = nil, id: String? = nil
    ) throws -> SendReceipt {
        try result {
            chat.send(
                from: from ?? ann, to: ConversationID(with: to ?? ben), text: text,
                clientMessageID: id ?? text, completion: $0)
        }
    }

    /// The error that a send gets.
    func failure(
        _ text: String, from: UserID? = nil, to: UserID? = nil, id: String? = nil
    ) -> ChatError? {
        do {
            try send(text, from: from, to: to, id: id)
            return nil
        } catch {
            return error as? ChatError
        }
    }

    /// What `user` reads of the conversation with `peer`.
    func texts(of user: UserID? = nil, with peer: UserID? = nil) throws -> [String] {
        try result {
            chat.history(
                user: user ?? ben, conversation: ConversationID(with: peer ?? ann),
                range: .newest, limit: 1_000, completion: $0)
        }.messages.map(\.text)
    }

    /// Leaves no room for a further segment of the log, and sends until that is felt. The texts
    /// that were stored, and the one that was not.
    func fillDisk() throws -> (stored: [String], failed: String) {
        try disk.leaveNoRoom()
        var stored: [String] = []
        for number in 0..<400 {
            let text = "filler \(number)"
            if failure(text) != nil { return (stored, text) }
            stored.append(text)
        }
        throw ChatError(.internal, "the disk is not full")
    }

    /// Has the sync of the log fail that `text` needs: the store is poisoned. Its bytes are in the
    /// log all the same, for as long as the power stays.
    func poison(_ text: String) throws -> ChatError? {
        disk.startTrace()
        try send("before " + text)
        let trace = disk.trace
        let sync = try #require(trace.firstIndex { $0.contains(" sync ") })
        disk.failOperation(at: disk.operations + UInt64(sync) + 1, .io)
        return failure(text)
    }

    var failed: [KeptRequest] { chat.failedRequests(limit: 100).requests }

    func verify() throws {
        try stop()
        store = try Store.open(
            at: "/chat", options: Self.storeOptions, environment: simulation.environment)
        var verifier = try ChatVerifier(store)
        let report = try verifier.run()
        #expect(report.errors.isEmpty, "\(report.errors)")
    }
}

extension SimulatedDisk {
    /// From now on nothing can grow.
    func leaveNoRoom() throws {
        capacity = 1 << 40
        let free = Int(try freeSpace("/"))
        capacity = (1 << 40) - free
    }
}
