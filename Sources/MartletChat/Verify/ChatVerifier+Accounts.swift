import MartletStore

/// Accounts, names, devices, tokens and deletions.
extension ChatVerifier {
    mutating func verifyAccounts() throws(StoreError) {
        try verifyUsers()
        try verifyNames()
        guard let accounts else { return }
        try verifyDevices(accounts)
        try verifyTokens(accounts)
        try verifyDeletions(accounts)
    }

    /// Whether the id is that of a deleted account.
    func isDeleted(_ user: UserID) throws(StoreError) -> Bool {
        try account(user)?.isDeleted == true
    }

    private func account(_ user: UserID) throws(StoreError) -> UserValue? {
        try store.value(schema.users, ChatKeys.user(user)).flatMap { UserValue($0) }
    }

    private func named(_ key: some Bytes) throws(StoreError) -> UserID? {
        try store.value(schema.names, key).flatMap { NameValue($0)?.user }
    }

    private mutating func verifyUsers() throws(StoreError) {
        let rows = try scan(schema.users)
        while let row = try rows.next() {
            guard row.key.count == 10, let user = ChatKeys.owner(row.key),
                let value = UserValue(row.value)
            else {
                find(schema.users, row.key, "the row cannot be read")
                continue
            }
            if value.isDeleted {
                report.deletedUsers += 1
                try verifyGone(user, row.key)
                continue
            }
            report.users += 1
            guard let key = AccountName.lookupKey(value.name) else {
                find(schema.users, row.key, "the name is not allowed")
                continue
            }
            if try named(key) != user {
                find(schema.users, row.key, "the name leads to another user or to none")
            }
        }
    }

    /// That a deleted user has no rows, unless the deletion is under way.
    private mutating func verifyGone(_ user: UserID, _ row: [UInt8]) throws(StoreError) {
        guard let accounts else { return find(schema.users, row, "deleted, in an old store") }
        if try store.value(accounts.deletions, ChatKeys.user(user)) != nil { return }
        let owned = [
            schema.conversations, schema.messages, schema.inbox, schema.sends, accounts.devices,
        ]
        for family in owned {
            var scan = Scan.prefix(ChatKeys.user(user))
            scan.limit = 1
            if try store.scan(family, scan).next() != nil {
                find(schema.users, row, "deleted, but there are rows in \(family.table)")
            }
        }
    }

    private mutating func verifyNames() throws(StoreError) {
        let rows = try scan(schema.names)
        while let row = try rows.next() {
            report.names += 1
            guard let value = NameValue(row.value) else {
                find(schema.names, row.key, "the row cannot be read")
                continue
            }
            var name = try account(value.user).flatMap { AccountName.lookupKey($0.name) }
            if name == nil, let accounts {
                // The name of a deleted user is kept until the data is gone.
                name = try store.value(accounts.deletions, ChatKeys.user(value.user))
                    .flatMap { DeletionValue($0)?.name }
            }
            if name.map({ Array($0.utf8) }) != row.key {
                find(schema.names, row.key, "there is no user of this name")
            }
        }
    }

    private mutating func verifyDevices(_ accounts: AccountSchema) throws(StoreError) {
        let rows = try scan(accounts.devices)
        var owner: UserID?
        var count = 0
        while let row = try rows.next() {
            report.devices += 1
            guard row.key.count == 18, let user = ChatKeys.owner(row.key),
                let device = ChatKeys.number(row.key, at: 10), let value = DeviceValue(row.value)
            else {
                find(accounts.devices, row.key, "the row cannot be read")
                continue
            }
            count = user == owner ? count + 1 : 1
            owner = user
            if count > ChatLimits.devices {
                find(accounts.devices, row.key, "more than \(ChatLimits.devices) of one user")
            }
            if value.expiresAt > value.endsAt {
                find(accounts.devices, row.key, "expires after its end")
            }
            let holder = try account(user)
            if holder == nil || holder?.isDisabled == true || holder?.isDeleted == true {
                find(accounts.devices, row.key, "its user is not there, or disabled")
            }
            let token = try store.value(accounts.tokens, value.digest).flatMap { TokenValue($0) }
            if token != .live(user, DeviceID(rawValue: device)),
                try store.value(accounts.devices, row.key) != nil
            {
                find(accounts.devices, row.key, "its token is missing or another device's")
            }
        }
    }

    private mutating func verifyTokens(_ accounts: AccountSchema) throws(StoreError) {
        let rows = try scan(accounts.tokens)
        while let row = try rows.next() {
            guard row.key.count == DeviceValue.digestBytes, let value = TokenValue(row.value)
            else {
                find(accounts.tokens, row.key, "the row cannot be read")
                continue
            }
            switch value {
            case .ended: continue
            case .old: find(accounts.tokens, row.key, "has no device")
            case .live(let user, let device):
                let found = try store.value(accounts.devices, ChatKeys.device(user, device))
                    .flatMap { DeviceValue($0) }
                // Both may have expired between the two reads.
                if found?.digest != row.key, try store.value(accounts.tokens, row.key) != nil {
                    find(accounts.tokens, row.key, "its device is missing or has another token")
                }
            }
        }
    }

    private mutating func verifyDeletions(_ accounts: AccountSchema) throws(StoreError) {
        let rows = try scan(accounts.deletions)
        while let row = try rows.next() {
            guard row.key.count == 10, let user = ChatKeys.owner(row.key),
                let value = DeletionValue(row.value)
            else {
                find(accounts.deletions, row.key, "the row cannot be read")
                continue
            }
            if try !isDeleted(user) {
                find(accounts.deletions, row.key, "its user is not deleted")
            }
            if try named(value.name) != user {
                find(accounts.deletions, row.key, "its name leads to another user or to none")
            }
        }
    }
}
