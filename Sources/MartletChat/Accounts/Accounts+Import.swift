import MartletStore

extension Accounts {
    /// Makes users without passwords, all in one batch, and finds those that are there. Blocks.
    /// Their ids follow from the names, so that a repeated import makes the same ones.
    func importUsers(_ names: [String]) throws(StoreError) -> (users: [FoundUser], new: Int) {
        var batch = WriteBatch()
        var made: [String: FoundUser] = [:]
        var users: [FoundUser] = []
        for name in names {
            guard let key = AccountName.lookupKey(name) else {
                throw StoreError(.invalidArgument, "'\(name)' cannot be a user's name")
            }
            let known = made[key]
            if let found = known == nil ? try directory.user(key: key) : known {
                users.append(found)
                continue
            }
            if try directory.owner(key: key) != nil {
                throw StoreError(.busy, "the user '\(name)' is being deleted")
            }
            let user = try Self.idFromName(key) { candidate throws(StoreError) in
                try directory.account(candidate) != nil
                    || made.values.contains { $0.user == candidate }
            }
            try put(user, name: name, key: key, password: nil, into: &batch)
            made[key] = FoundUser(user: user, name: name)
            users.append(FoundUser(user: user, name: name))
        }
        if !batch.isEmpty { try store.write(batch, durability: options.durability) }
        return (users, made.count)
    }

    private static func idFromName(
        _ key: String, isTaken: (UserID) throws(StoreError) -> Bool
    ) throws(StoreError) -> UserID {
        var text = "user:" + key
        while true {
            let digest = Token(text).digest
            let raw = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
            let user = UserID(rawValue: raw)
            if raw != 0, try !isTaken(user) { return user }
            text += "+"
        }
    }
}
