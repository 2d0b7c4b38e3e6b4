import MartletStore

/// Accounts and names.
extension ChatVerifier {
    mutating func verifyUsers() throws(StoreError) {
        let rows = try scan(schema.users)
        while let row = try rows.next() {
            report.users += 1
            guard row.key.count == 10, let user = ChatKeys.owner(row.key),
                let value = UserValue(row.value)
            else {
                find(schema.users, row.key, "the row cannot be read")
                continue
            }
            guard let key = AccountName.lookupKey(value.name) else {
                find(schema.users, row.key, "the name is not allowed")
                continue
            }
            let named = try store.value(schema.names, key).flatMap { NameValue($0)?.user }
            if named != user {
                find(schema.users, row.key, "the name leads to another user or to none")
            }
        }
    }

    mutating func verifyNames() throws(StoreError) {
        let rows = try scan(schema.names)
        while let row = try rows.next() {
            report.names += 1
            guard let value = NameValue(row.value) else {
                find(schema.names, row.key, "the row cannot be read")
                continue
            }
            let account = try store.value(schema.users, ChatKeys.user(value.user))
                .flatMap { UserValue($0) }
            if account.flatMap({ AccountName.lookupKey($0.name) }).map({ Array($0.utf8) })
                != row.key
            {
                find(schema.names, row.key, "there is no user of this name")
            }
        }
    }
}
