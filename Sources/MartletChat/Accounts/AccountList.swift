import MartletStore

/// An account, as an operator sees it.
public struct Account: Hashable, Sendable {
    /// The user's id.
    public var user: UserID
    /// The name, as spelled at registration.
    public var name: String
    /// Microseconds since 1970.
    public var createdAt: UInt64
    /// Whether the user can log in with a password.
    public var hasPassword: Bool
    /// Whether an operator has disabled it.
    public var isDisabled: Bool
}

/// Accounts, in the order of the store's keys.
public struct AccountPage: Hashable, Sendable {
    /// In the order of the store's keys, which is none that means anything.
    public var accounts: [Account]
    /// Whether there are further ones behind the last.
    public var hasMore: Bool
}

extension Accounts {
    /// On the reader pool.
    func list(after user: UserID?, limit: Int) throws(StoreError) -> AccountPage {
        var scan = Scan()
        if let user {
            scan.start = ChatKeys.user(user).bytes
            scan.startInclusive = false
        }
        let rows = try store.scan(schema.users, scan)
        var page = AccountPage(accounts: [], hasMore: false)
        while let row = try rows.next() {
            let user = try ChatKeys.owner(row.key).orDamaged("users")
            let value = try UserValue(row.value).orDamaged("users")
            if value.isDeleted { continue }
            if page.accounts.count == limit {
                page.hasMore = true
                break
            }
            page.accounts.append(
                Account(
                    user: user, name: value.name, createdAt: value.createdAt,
                    hasPassword: value.password != nil, isDisabled: value.isDisabled))
        }
        return page
    }
}
