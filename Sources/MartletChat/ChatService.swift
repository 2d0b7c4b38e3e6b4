public import MartletStore

/// The chat without its sockets: accounts, messages, inboxes and receipts in one store.
///
/// No call blocks. Completions run on any thread, possibly before the call returns; they must not
/// block either.
public final class ChatService: Sendable {
    /// What a call hands its result to.
    public typealias Completion<Value> = @Sendable (Result<Value, ChatError>) -> Void

    let store: Store
    /// How it runs.
    public let options: ChatOptions
    let environment: Environment
    let schema: ChatSchema
    let directory: Directory
    let sessions: Sessions
    let rows: DeviceRows
    let accounts: Accounts
    let deletion: Deletion
    let desk: LedgerDesk
    /// Sends that could not be stored; `nil` where none are kept.
    let failed: FailedDesk?
    let history: HistoryReader
    let inbox: InboxReader
    let recent: RecentCache
    /// What is told while the store is a follower's.
    let feed: InboxFeed
    let recentReader: RecentReader
    let pushBox: PushBox
    let readers: WorkPool
    let hashers: WorkPool
    /// Deletions wait for the ledger, whose reads run on `readers`.
    let deleters: WorkPool
    /// What presence reads: it never stands in the way of messages.
    let presence: WorkPool

    private init(
        _ store: Store, _ schema: ChatSchema, _ accountSchema: AccountSchema,
        _ options: ChatOptions, _ environment: Environment
    ) {
        self.store = store
        self.schema = schema
        self.options = options
        self.environment = environment
        readers = WorkPool(
            "chat-read", threads: options.readerThreads, bound: options.readerQueue,
            environment: environment)
        hashers = WorkPool(
            "chat-hash", threads: options.hashThreads, bound: options.hashQueue,
            environment: environment)
        deleters = WorkPool(
            "chat-delete", threads: 1, bound: options.deletionQueue, environment: environment)
        presence = WorkPool(
            "chat-presence", threads: 1, bound: options.presenceQueue, environment: environment)
        directory = Directory(
            store: store, schema: schema, cacheEntries: options.cacheEntries)
        rows = DeviceRows(
            store: store, tokens: accountSchema.tokens, devices: accountSchema.devices,
            lifetimes: options.tokens)
        let turns = Turns<UserID>()
        sessions = Sessions(
            store: store, rows: rows, directory: directory, turns: turns, options: options,
            environment: environment)
        accounts = Accounts(
            store: store, schema: accountSchema, directory: directory, sessions: sessions,
            turns: turns, options: options, environment: environment)
        failed = Self.failedDesk(store, options, environment)
        desk = LedgerDesk(
            store: store, schema: schema, directory: directory, pool: readers, failed: failed,
            options: options, environment: environment)
        deletion = Deletion(
            accounts: accounts, desk: desk, conversations: schema.conversations,
            owned: schema.owned + [accountSchema.devices])
        let facts = FactReader(store: store, schema: schema, directory: directory)
        history = HistoryReader(
            store: store, schema: schema, directory: directory, facts: facts)
        recent = RecentCache(bytes: options.recentBytes)
        pushBox = PushBox(
            store: store, schema: schema, history: history, directory: directory,
            durability: options.durability, clock: environment.clock)
        recentReader = RecentReader(store: store, schema: schema, history: history)
        inbox = InboxReader(
            store: store, schema: schema, facts: facts, directory: directory,
            isFollowing: options.isReadOnly)
        feed = InboxFeed(
            schema: schema, devices: accountSchema.devices, inbox: inbox, sessions: sessions,
            pool: readers)
        desk.setObserver(LedgerDesk.Observer(events: { [recent] in recent.apply($0) }))
    }

    /// Opens the chat in `store`, making its tables where they are missing, and finishes deletions
    /// that were cut short; with `isReadOnly` it does neither, and throws `.notFound` where tables
    /// are missing. Throws what the store throws. One service per store.
    public static func open(
        _ store: Store, options: ChatOptions = ChatOptions(), environment: Environment = .system
    ) throws(StoreError) -> ChatService {
        if options.isReadOnly { return try follow(store, options, environment) }
        let schema = try ChatSchema(store)
        let accounts = try AccountSchema.create(
            in: store, schema, migrating: options.tokens, now: environment.clock.now())
        let service = ChatService(store, schema, accounts, options, environment)
        do throws(StoreError) {
            try service.deletion.resume()
        } catch {
            service.close()
            throw error
        }
        service.startDriving()
        return service
    }

    /// The chat in a follower's store, whose primary makes the tables.
    private static func follow(
        _ store: Store, _ options: ChatOptions, _ environment: Environment
    ) throws(StoreError) -> ChatService {
        let schema = try ChatSchema(store, creating: false)
        var options = options
        options.cacheEntries = 0
        options.recentBytes = 0
        options.failedJournalBytes = 0
        options.drivesFailed = false
        return ChatService(
            store, schema, try AccountSchema(store, schema), options, environment)
    }

    /// Refuses new calls, waits until those under way have their answers, and ends the threads.
    /// The store stays open. Blocks.
    public func close() {
        failed?.stopDriving()
        desk.close()
        failed?.stop()
        deleters.stop()
        presence.stop()
        hashers.stop()
        readers.stop()
    }

    /// The epoch of this store's cursors.
    public var epoch: UInt32 { store.cursorEpoch }

    /// Sets who is told of every event, after its commit, in the order of the seqs of each user, on
    /// the commit thread: it must hand over and return. Events of one commit come together. Set it
    /// before the first call.
    ///
    /// - Parameter answered: Called on the same thread when all answers of that commit have been
    ///   given: what `observer` and they leave for another thread can be handed over at once.
    public func setObserver(
        _ observer: @escaping @Sendable ([Delivery]) -> Void,
        answered: @escaping @Sendable () -> Void = {}
    ) {
        let events: @Sendable ([Delivery]) -> Void = { [recent] deliveries in
            recent.apply(deliveries)
            observer(deliveries)
        }
        desk.setObserver(LedgerDesk.Observer(events: events, answered: answered))
        feed.setObserver(InboxFeed.Observer(events: events, answered: answered))
    }

    /// Sets who is told how many microseconds a send has waited for its number, of those that had
    /// to wait at all. Any thread; it must not block.
    package func setAssignmentObserver(_ observer: @escaping @Sendable (UInt64) -> Void) {
        desk.setAssignmentObserver(observer)
    }

    /// Runs `body` on the reader pool and completes with its value.
    func read<Value: Sendable>(
        _ completion: @escaping Completion<Value>,
        _ body: @escaping @Sendable () throws(StoreError) -> Result<Value, ChatError>
    ) {
        run(on: readers, completion, body)
    }

    /// Runs `body` on a pool and completes with its value.
    /// - Parameter force: Whether a full queue takes it nevertheless.
    func run<Value: Sendable>(
        on pool: WorkPool, force: Bool = false, _ completion: @escaping Completion<Value>,
        _ body: @escaping @Sendable () throws(StoreError) -> Result<Value, ChatError>
    ) {
        let queued = pool.submit(force: force) {
            do throws(StoreError) {
                completion(try body())
            } catch {
                completion(.failure(ChatError(error)))
            }
        }
        if !queued { completion(.failure(.busy)) }
    }
}
