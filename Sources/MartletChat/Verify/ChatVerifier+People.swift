import MartletStore

/// Contacts, blocks, settings and mutes.
extension ChatVerifier {
    mutating func verifyPeople() throws(StoreError) {
        try verifyRelations()
        let settings = try scan(schema.settings)
        while let row = try settings.next() {
            if row.key.count != 10 || ChatKeys.owner(row.key) == nil
                || SettingsValue(row.value) == nil
            {
                find(schema.settings, row.key, "the row cannot be read")
            }
        }
        let mutes = try scan(schema.mutes)
        while let row = try mutes.next() {
            if row.key.count != 18 || ChatKeys.owner(row.key) == nil || MuteValue(row.value) == nil
            {
                find(schema.mutes, row.key, "the row cannot be read")
            }
        }
    }

    private mutating func verifyRelations() throws(StoreError) {
        let rows = try scan(schema.relations)
        while let row = try rows.next() {
            guard row.key.count == 18, let user = ChatKeys.owner(row.key),
                let other = ChatKeys.number(row.key, at: 10).map({ UserID(rawValue: $0) }),
                let value = RelationValue(row.value)
            else {
                find(schema.relations, row.key, "the row cannot be read")
                continue
            }
            // What a deleted user thought of others is gone.
            if try isDeleted(other) { continue }
            let mirror = try stored(schema.relations, ChatKeys.relation(other, user)) {
                RelationValue($0)
            }
            if Relation(own: value, other: mirror ?? RelationValue()) == nil {
                find(schema.relations, row.key, "does not fit what the other thinks of the user")
            }
        }
    }
}
