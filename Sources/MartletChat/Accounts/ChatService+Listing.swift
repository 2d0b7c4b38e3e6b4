import MartletStore

/// An account as an operator sees it.
public struct ListedAccount: Hashable, Sendable {
    /// The user's id.
    public var user: UserID
    /// The name, as spelled at registration.
    public var name: String
    /// Microseconds since 1970.
    public var createdAt: UInt64
    /// Whether there is a password; imported users have none and cannot log in.
    public var hasPassword: Bool
    /// Whether an operator has disabled it.
    public var isDisabled: Bool
}

extension ChatService {
    /// Accounts in the order of their names, the lower-case ones behind `after`.
    public func accounts(
        after: String?, limit: Int,
        completion: @escaping Completion<(accounts: [ListedAccount], hasMore: Bool)>
    ) {
        let limit = min(max(limit, 1), ChatLimits.page)
        read(completion) { [self] () throws(StoreError) in
            var scan = Scan()
            scan.limit = limit + 1
            if let after {
                scan.start = Array((AccountName.lookupKey(after) ?? after).utf8)
                scan.startInclusive = false
            }
            var accounts: [ListedAccount] = []
            var count = 0
            let rows = try store.scan(schema.names, scan)
            while let row = try rows.next() {
                count += 1
                if count > limit { break }
                let user = try NameValue(row.value).orDamaged("names").user
                if let account = try listed(user) { accounts.append(account) }
            }
            return .success((accounts, count > limit))
        }
    }

    /// The account called `name`; `.notFound` if there is none.
    public func account(name: String, completion: @escaping Completion<ListedAccount>) {
        read(completion) { [self] () throws(StoreError) in
            guard let key = AccountName.lookupKey(name),
                let found = try directory.user(key: key), let account = try listed(found.user)
            else { return .failure(ChatError(.notFound, "nobody has this name")) }
            return .success(account)
        }
    }

    private func listed(_ user: UserID) throws(StoreError) -> ListedAccount? {
        guard let account = try directory.account(user), !account.isDeleted else { return nil }
        return ListedAccount(
            user: user, name: account.name, createdAt: account.createdAt,
            hasPassword: account.password != nil, isDisabled: account.isDisabled)
    }
}
