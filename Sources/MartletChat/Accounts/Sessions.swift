import MartletStore

/// Makes, checks and ends tokens.
///
/// `@unchecked Sendable`: the cache and `ended` are touched under `monitor` only.
final class Sessions: @unchecked Sendable {
    typealias Completion<Value> = @Sendable (Result<Value, ChatError>) -> Void

    private let store: Store
    private let schema: ChatSchema
    private let directory: Directory
    private let environment: Environment
    private let options: ChatOptions
    private let monitor = Monitor()
    private var known: PinnedCache<[UInt8], Session>
    /// Grows with each log-out, so that a session read before one is not cached after it.
    private var ended = 0

    init(
        store: Store, schema: ChatSchema, directory: Directory, options: ChatOptions,
        environment: Environment
    ) {
        self.store = store
        self.schema = schema
        self.directory = directory
        self.options = options
        self.environment = environment
        known = PinnedCache(capacity: options.cacheEntries)
    }

    /// Adds a new token to `batch` and submits it; completes once it is durable.
    func begin(
        _ user: UserID, _ name: String, batch: consuming WriteBatch,
        _ completion: @escaping Completion<Session>
    ) throws(StoreError) {
        let token = Token(environment.random)
        let expiresAt = environment.clock.now() + options.tokenLifetime
        var batch = batch
        try batch.put(
            schema.tokens, row: token.digest, qualifier: ChatSchema.qualifier,
            value: TokenValue(user: user, expiresAt: expiresAt).encoded(),
            timeToLive: options.tokenLifetime)
        let session = Session(user: user, name: name, token: token.text, expiresAt: expiresAt)
        store.submit(batch, durability: options.durability) { result in
            completion(result.map { _ in session }.mapError { ChatError($0) })
        }
    }

    /// What is known without reading the store.
    func cached(_ token: Token) -> Session? {
        let session = monitor.withLock { known[token.digest] }
        guard let session, session.expiresAt > environment.clock.now() else { return nil }
        return session
    }

    /// Blocks on the disk.
    func authenticate(_ token: Token) throws(StoreError) -> Session? {
        let digest = token.digest
        let before = monitor.withLock { ended }
        guard let bytes = try store.value(schema.tokens, digest) else { return nil }
        let value = try TokenValue(bytes).orDamaged("tokens")
        guard value.expiresAt > environment.clock.now(),
            let name = try directory.name(of: value.user)
        else { return nil }
        let session = Session(
            user: value.user, name: name, token: nil, expiresAt: value.expiresAt)
        monitor.withLock { if ended == before { known[digest] = session } }
        return session
    }

    func end(_ token: Token, _ completion: @escaping Completion<Void>) {
        let digest = token.digest
        var batch = WriteBatch()
        do throws(StoreError) {
            try batch.deleteColumn(
                schema.tokens, row: digest, qualifier: ChatSchema.qualifier)
        } catch {
            return completion(.failure(ChatError(error)))
        }
        store.submit(batch, durability: options.durability) { [self] result in
            monitor.withLock {
                ended += 1
                known.removeValue(digest)
            }
            completion(result.map { _ in }.mapError { ChatError($0) })
        }
    }
}
