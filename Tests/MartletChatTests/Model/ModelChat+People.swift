@testable import MartletChat

/// Contacts, blocks, settings and mutes.
extension ModelChat {
    func mayWrite(_ writer: UserID, to reader: UserID) throws {
        if writer == reader { return }
        let (own, other) = (relations[[writer, reader]], relations[[reader, writer]])
        let isBlocked = own?.blocked == true || other?.blocked == true
        let wantsAll = (settings[reader] ?? SettingsValue()).messagesFrom == .everyone
        if isBlocked || !(wantsAll || other?.contact == .contact) { throw Refusal(.forbidden) }
    }

    mutating func perform(_ change: ChangeRelation) throws -> String {
        let (user, other) = (change.user, change.other)
        try mustExist(other)
        if user == other { throw Refusal(.badRequest) }
        let own = relations[[user, other]] ?? RelationValue()
        let theirs = relations[[other, user]] ?? RelationValue()
        let relation = Relation(own: own, other: theirs)
        let result = relation?.after(
            change.action, otherSettings: settings[other] ?? SettingsValue())
        switch result {
        case .success(let step):
            relations[[user, other]] = step.after.own
            relations[[other, user]] = step.after.other
            if step.after.own != own { tell(user, .contact, ConversationID(with: other), 0) }
            if step.after.other != theirs { tell(other, .contact, ConversationID(with: user), 0) }
            return "contact \(step.after.own)"
        case .failure(let error): throw Refusal(error.code)
        case nil: return "two rows that do not fit"
        }
    }

    mutating func perform(_ change: ChangeSettings) -> String {
        let old = settings[change.user] ?? SettingsValue()
        let new = SettingsValue(
            receipts: change.change.receipts ?? old.receipts,
            presence: change.change.presence ?? old.presence,
            messagesFrom: change.change.messagesFrom ?? old.messagesFrom)
        settings[change.user] = new
        if new != old { tell(change.user, .settings, ConversationID(rawValue: 0), 0) }
        return "settings \(new)"
    }

    mutating func perform(_ mute: MuteConversation) throws -> String {
        if mute.conversation.isGroup {
            try mustHaveBeenIn(mute.user, mute.conversation)
        } else {
            try mustExist(mute.conversation.peer)
        }
        if muted(mute.user, mute.conversation) != mute.until {
            mutes[mute.user, default: [:]][mute.conversation] = mute.until
            tell(mute.user, .muted, mute.conversation, mute.until)
        }
        return "muted \(mute.until)"
    }

    func muted(_ user: UserID, _ id: ConversationID) -> UInt64 { mutes[user]?[id] ?? 0 }

    func showContact(_ user: UserID, _ other: UserID) -> String {
        let row = relations[[user, other]] ?? RelationValue()
        return "contact \(other) u\(other.rawValue) \(row.contact) \(row.blocked)"
    }
}
