import MartletStore

/// Makes, checks and ends the sessions of devices.
///
/// `@unchecked Sendable`: the caches, `uses`, `ends` and the observer are touched under `monitor`
/// only; the rest is immutable.
final class Sessions: @unchecked Sendable {
    typealias Observer = @Sendable (SessionEnd) -> Void

    /// What a new device is made of.
    struct Login {
        var user: UserID
        var name: String
        var token: Token
        var label: String
        /// When an issuer's credential ends; `nil` for a token made here.
        var foreignEnd: UInt64?
    }

    private struct Known {
        var session: Session
        var renewAt: UInt64
    }

    private let store: Store
    private let rows: DeviceRows
    private let directory: Directory
    private let environment: Environment
    private let options: ChatOptions
    private let turns: Turns<UserID>
    private let monitor = Monitor()
    private var known: PinnedCache<[UInt8], Known>
    private var recentlyEnded: PinnedCache<UserDevice, Bool>
    private var uses: DeviceUses
    /// Grows with each end, so that a session read before one is not cached after it.
    private var ends = 0
    private var observer: Observer?

    init(
        store: Store, rows: DeviceRows, directory: Directory, turns: Turns<UserID>,
        options: ChatOptions, environment: Environment
    ) {
        self.store = store
        self.rows = rows
        self.directory = directory
        self.turns = turns
        self.options = options
        self.environment = environment
        known = PinnedCache(capacity: options.cacheEntries)
        recentlyEnded = PinnedCache(capacity: options.cacheEntries)
        uses = DeviceUses(capacity: options.cacheEntries)
    }

    func setObserver(_ observer: @escaping Observer) {
        monitor.withLock { self.observer = observer }
    }

    // MARK: Beginning

    /// In the user's turn: writes `batch` and with it a new device. Of too many devices the ones
    /// unused for longest end. Blocks until it is durable. Holds A2.
    func begin(_ login: Login, batch: consuming WriteBatch) throws(StoreError) -> Session {
        let now = environment.clock.now()
        let digest = login.token.digest
        let others = try rows.all(login.user, now: now)
        var device = DeviceID(digest: digest)
        while login.foreignEnd == nil, others.contains(where: { $0.device == device }) {
            device = DeviceID(rawValue: max(1, environment.random.next()))
        }
        let endsAt = login.foreignEnd ?? now + options.tokens.absolute
        let value = DeviceValue(
            digest: digest, isForeign: login.foreignEnd != nil, createdAt: now, lastSeenAt: now,
            expiresAt: min(now + options.tokens.inactivity, endsAt), endsAt: endsAt,
            label: login.label)
        var batch = batch
        let kept = longestUnusedFirst(login.user, others.filter { $0.device != device })
        let ended = kept.prefix(max(0, kept.count + 1 - ChatLimits.devices))
        for entry in ended { try rows.remove(login.user, entry, now: now, from: &batch) }
        try rows.put(
            login.user, DeviceRows.Entry(device: device, value: value), now: now, into: &batch)
        try store.write(batch, durability: options.durability)
        announce(login.user, Array(ended), .replaced)
        return Session(
            user: login.user, name: login.name, device: device,
            token: login.foreignEnd == nil ? login.token.text : nil, expiresAt: value.expiresAt)
    }

    private func longestUnusedFirst(
        _ user: UserID, _ entries: [DeviceRows.Entry]
    ) -> [DeviceRows.Entry] {
        let times = monitor.withLock {
            entries.map { entry in
                uses.lastUse(
                    UserDevice(user: user, device: entry.device),
                    recorded: entry.value.lastSeenAt)
            }
        }
        // Where two times are the same, the order of the rows holds: the older device goes first.
        return zip(times, entries).enumerated()
            .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
            .map(\.element.1)
    }

    /// A connection of the device has been opened.
    func opened(_ user: UserID, _ device: DeviceID) {
        monitor.withLock { uses.opened(UserDevice(user: user, device: device)) }
    }

    /// A connection of the device has been closed.
    func closed(_ user: UserID, _ device: DeviceID) {
        let now = environment.clock.now()
        monitor.withLock { uses.closed(UserDevice(user: user, device: device), at: now) }
    }

    // MARK: Checking

    /// What is known without reading the store, unless the use is to be written down.
    func cached(_ token: Token) -> Session? {
        let now = environment.clock.now()
        return monitor.withLock {
            guard let found = known[token.digest], found.session.expiresAt > now,
                found.renewAt > now
            else { return nil }
            if let device = found.session.device {
                uses.used(UserDevice(user: found.session.user, device: device), at: now)
            }
            return found.session
        }
    }

    /// Whether the token was ever seen and has not expired; it may have ended. Blocks on the disk.
    func knows(_ token: Token) throws(StoreError) -> Bool {
        try rows.token(token.digest) != nil
    }

    /// Blocks on the disk. Holds A1.
    func authenticate(_ token: Token) throws(StoreError) -> Session? {
        let digest = token.digest
        let now = environment.clock.now()
        let before = monitor.withLock { ends }
        guard case .live(let user, let device) = try rows.token(digest),
            let entry = try rows.device(user, device, now: now), entry.value.digest == digest,
            let account = try directory.account(user), !account.isDisabled, !account.isDeleted
        else { return nil }
        var value = entry.value
        // On a follower a use is not written down.
        if rows.renewal(after: value) <= now, !options.isReadOnly {
            let renewed = try turns.ifFree(user) { () throws(StoreError) in
                try renew(user, device, digest, now)
            }
            // Where somebody else has the turn, the next use is written down.
            if case .some(.none) = renewed { return nil }
            value = renewed.flatMap { $0 } ?? value
        }
        let session = Session(
            user: user, name: account.name, device: device, token: nil,
            expiresAt: value.expiresAt)
        let found = Known(session: session, renewAt: rows.renewal(after: value))
        let hasEnded = monitor.withLock {
            if ends == before, options.cacheEntries > 0 { known[digest] = found }
            uses.used(UserDevice(user: user, device: device), at: now)
            return recentlyEnded[UserDevice(user: user, device: device)] ?? false
        }
        return hasEnded ? nil : session
    }

    /// In the user's turn: hands a later expiry to the store. It is not waited for: if it is lost,
    /// the next use writes it again. `nil` if the device has ended since.
    private func renew(
        _ user: UserID, _ device: DeviceID, _ digest: [UInt8], _ now: UInt64
    ) throws(StoreError) -> DeviceValue? {
        guard var entry = try rows.device(user, device, now: now), entry.value.digest == digest
        else { return nil }
        entry.value = rows.renewed(entry.value, now: now)
        var batch = WriteBatch()
        try rows.put(user, entry, now: now, into: &batch)
        store.submit(batch, durability: options.durability) { _ in }
        return entry.value
    }

    /// Whether the device has ended lately: for who asked before it ended and is answered after.
    func hasEnded(_ user: UserID, _ device: DeviceID) -> Bool {
        monitor.withLock { recentlyEnded[UserDevice(user: user, device: device)] ?? false }
    }

    // MARK: Ending

    /// Ends the device of a token. Blocks until it is durable. An unknown token is no error.
    func end(_ token: Token) throws(StoreError) {
        guard case .live(let user, let device) = try rows.token(token.digest) else { return }
        try end(user, .loggedOut) { $0.device == device && $0.value.digest == token.digest }
    }

    /// Ends the devices that `isMeant`. Blocks until it is durable.
    func end(
        _ user: UserID, _ cause: SessionEnd.Cause, _ isMeant: (DeviceRows.Entry) -> Bool
    ) throws(StoreError) {
        try turns.with(user) { () throws(StoreError) in
            var batch = WriteBatch()
            let ended = try remove(user, from: &batch, where: isMeant)
            if ended.isEmpty { return }
            try store.write(batch, durability: options.durability)
            announce(user, ended, cause)
        }
    }

    /// In the user's turn: adds to `batch` what ends the devices that `isMeant`. Tell of them by
    /// `announce` when the batch is durable.
    func remove(
        _ user: UserID, from batch: inout WriteBatch, where isMeant: (DeviceRows.Entry) -> Bool
    ) throws(StoreError) -> [DeviceRows.Entry] {
        let now = environment.clock.now()
        let ended = try rows.all(user, now: now).filter(isMeant)
        for entry in ended { try rows.remove(user, entry, now: now, from: &batch) }
        return ended
    }

    /// The primary of this follower has ended a device, or for `nil` all of the user's.
    func endedElsewhere(_ user: UserID, _ device: DeviceID?, _ cause: SessionEnd.Cause) {
        let observer = monitor.withLock {
            if let device { recentlyEnded[UserDevice(user: user, device: device)] = true }
            return self.observer
        }
        observer?(SessionEnd(user: user, device: device, cause: cause))
    }

    /// Forgets ended devices and tells the observer, in one word where `all` of the user's have
    /// ended. Holds A3.
    func announce(
        _ user: UserID, _ ended: [DeviceRows.Entry], _ cause: SessionEnd.Cause, all: Bool = false
    ) {
        guard all || !ended.isEmpty else { return }
        let observer = monitor.withLock {
            ends += 1
            for entry in ended {
                known.removeValue(entry.value.digest)
                recentlyEnded[UserDevice(user: user, device: entry.device)] = true
            }
            return self.observer
        }
        guard let observer else { return }
        if all { return observer(SessionEnd(user: user, device: nil, cause: cause)) }
        for entry in ended {
            observer(SessionEnd(user: user, device: entry.device, cause: cause))
        }
    }
}
