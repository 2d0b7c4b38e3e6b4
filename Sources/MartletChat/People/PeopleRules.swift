/// Who may do what to whom, as pure rules over the two sides' rows.
enum PeopleRules {
    /// Whether `writer` may write to `reader` (send, type, add to a group).
    ///
    /// - Parameters:
    ///   - writerRow: the writer's row about the reader.
    ///   - readerRow: the reader's row about the writer.
    ///   - settings: the reader's.
    static func mayWrite(
        from writer: UserID, to reader: UserID, writerRow: RelationValue,
        readerRow: RelationValue, settings: SettingsValue
    ) -> Bool {
        if writer == reader { return true }
        if writerRow.blocked || readerRow.blocked { return false }
        return settings.messagesFrom == .everyone || readerRow.contact == .contact
    }

    /// Whether `viewer` may see whether `owner` is online, and when last.
    ///
    /// - Parameters:
    ///   - viewerRow: the viewer's row about the owner.
    ///   - ownerRow: the owner's row about the viewer.
    ///   - settings: the owner's.
    static func maySeePresence(
        of owner: UserID, by viewer: UserID, viewerRow: RelationValue, ownerRow: RelationValue,
        settings: SettingsValue
    ) -> Bool {
        if viewer == owner { return true }
        if viewerRow.blocked || ownerRow.blocked { return false }
        switch settings.presence {
        case .everyone: return true
        case .contacts: return ownerRow.contact == .contact
        case .nobody: return false
        }
    }

    /// Whether the cursors of `reader` are told to `writer`: the reader's switch alone decides,
    /// and a block ends it.
    static func tellsReceipts(
        of reader: UserID, to writer: UserID, readerRow: RelationValue, settings: SettingsValue
    ) -> Bool {
        reader == writer || (settings.receipts && !readerRow.blocked)
    }
}
