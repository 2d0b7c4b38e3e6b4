import MartletStore

/// Deletes accounts with all their data.
///
/// First, in one batch: the account is marked, its devices end, and a row of `deletions` says what
/// is still to be done. Then everything that lies under the user's id goes by range deletes, until
/// nothing is there any more: what was under way when the account was marked may come in late.
/// Last, in one batch, the name becomes free and the row goes. A deletion that was killed goes on
/// from its row when the store is opened. Holds A5.
///
/// Peers keep their copies. The id stays marked for good: nobody else gets it.
struct Deletion: Sendable {
    let accounts: Accounts
    /// Families whose rows begin with their owner's shard and id.
    let owned: [Family]

    private var store: Store { accounts.store }
    private var durability: Durability { accounts.options.durability }

    private static let sweepsMax = 16

    /// Blocks. Nothing of the user is left on return.
    func run(_ user: UserID) throws(StoreError) -> Result<Void, ChatError> {
        guard let value = try mark(user) else { return .failure(ChatService.noSuchUser) }
        return try finish(user, value) ? .success(()) : .failure(Self.stillWritten)
    }

    /// Goes on where a stop or a failure has cut deletions short. Blocks.
    func resume() throws(StoreError) {
        let rows = try store.scan(accounts.schema.deletions)
        while let row = try rows.next() {
            let user = try ChatKeys.owner(row.key).orDamaged("deletions")
            _ = try finish(user, try DeletionValue(row.value).orDamaged("deletions"))
        }
    }

    /// The first batch; `nil` if there is no such account, or it is gone already.
    func mark(_ user: UserID) throws(StoreError) -> DeletionValue? {
        let schema = accounts.schema
        return try accounts.turns.with(user) { () throws(StoreError) in
            if let row = try store.value(schema.deletions, ChatKeys.user(user)) {
                return try DeletionValue(row).orDamaged("deletions")
            }
            guard let account = try accounts.directory.account(user), !account.isDeleted,
                let key = AccountName.lookupKey(account.name)
            else { return nil }
            let value = DeletionValue(startedAt: accounts.environment.clock.now(), name: key)
            var batch = WriteBatch()
            try batch.put(
                schema.users, ChatKeys.user(user),
                UserValue.deleted(createdAt: account.createdAt).encoded())
            try batch.put(schema.deletions, ChatKeys.user(user), value.encoded())
            let ended = try accounts.sessions.remove(user, from: &batch) { _ in true }
            try store.write(batch, durability: durability)
            accounts.directory.forget(user, key: key)
            accounts.sessions.announce(user, ended, .deleted, all: true)
            return value
        }
    }

    /// The rest; false if rows came in all the time: then the row of `deletions` stays.
    private func finish(_ user: UserID, _ value: DeletionValue) throws(StoreError) -> Bool {
        var sweeps = 0
        repeat {
            if sweeps == Self.sweepsMax { return false }
            try sweep(user)
            sweeps += 1
        } while try hasRows(user)
        var batch = WriteBatch()
        if try accounts.directory.owner(key: value.name) == user {
            try batch.delete(accounts.schema.names, value.name)
        }
        try batch.delete(accounts.schema.deletions, ChatKeys.user(user))
        try store.write(batch, durability: durability)
        accounts.directory.forget(user, key: value.name)
        return true
    }

    /// Costs the same however many rows there are.
    func sweep(_ user: UserID) throws(StoreError) {
        var batch = WriteBatch()
        for family in owned {
            try batch.deleteRange(
                store.table(family.table), from: ChatKeys.user(user), to: ChatKeys.end(of: user))
        }
        try store.write(batch, durability: durability)
    }

    private func hasRows(_ user: UserID) throws(StoreError) -> Bool {
        for family in owned {
            var scan = Scan.prefix(ChatKeys.user(user))
            scan.limit = 1
            if try store.scan(family, scan).next() != nil { return true }
        }
        return false
    }

    private static let stillWritten = ChatError(
        .unavailable, "messages of the user still come in", retryAfterMilliseconds: 1_000)
}
