/// A message as one user sees it.
public struct Message: Hashable, Sendable {
    /// For whom it was deleted.
    public enum Removal: UInt8, Hashable, Sendable {
        /// For everybody, by its author or a group's admin.
        case forAll = 1
        /// For the one user who asked, on all own devices.
        case forMe = 2
    }

    /// The conversation, as the reader names it.
    public var conversation: ConversationID
    /// The place in the conversation: 1, 2, 3, ... the same for all who are in it.
    public var number: UInt64
    /// Who wrote it, or did what the notice tells.
    public var sender: UserID
    /// The author's own id for it; only the author gets it.
    public var clientMessageID: String?
    /// Microseconds since 1970. For show: order is `number`.
    public var sentAt: UInt64
    /// 1 byte to 16 KiB of UTF-8; empty in notices and in what was deleted.
    public var text: String
    /// The number of the message that it answers.
    public var replyTo: UInt64?
    /// Grows with each edit and deletion; 0 for a message as it was sent.
    public var revision: UInt64 = 0
    /// Microseconds since 1970 of the last edit.
    public var editedAt: UInt64?
    /// Whether it was deleted, and for whom.
    public var removal: Removal?
    /// A change of the group, in place of a text.
    public var notice: GroupNotice?

    /// A message of these parts.
    public init(
        conversation: ConversationID, number: UInt64, sender: UserID, clientMessageID: String?,
        sentAt: UInt64, text: String
    ) {
        self.conversation = conversation
        self.number = number
        self.sender = sender
        self.clientMessageID = clientMessageID
        self.sentAt = sentAt
        self.text = text
    }

    /// As `user` sees it.
    init(
        _ conversation: ConversationID, _ number: UInt64, _ value: MessageValue,
        for user: UserID, isHidden: Bool = false
    ) {
        self.init(
            conversation: conversation, number: number, sender: value.sender,
            clientMessageID: value.sender == user ? value.clientMessageID : nil,
            sentAt: value.sentAt, text: value.text)
        replyTo = value.replyTo
        revision = value.revision
        editedAt = value.editedAt
        removal = value.removal
        notice = value.notice
        if isHidden { hide() }
    }

    /// What a device that holds it makes of what is left of it later. What its reader has deleted
    /// stays so: others' changes are told to all members alike.
    func replaced(by newer: Message) -> Message {
        var newer = newer
        if removal == .forMe { newer.hide() }
        return newer
    }

    /// Deleted for its reader alone.
    mutating func hide() {
        removal = .forMe
        text = ""
        replyTo = nil
        editedAt = nil
    }
}

/// Messages of one conversation, oldest first.
public struct HistoryPage: Hashable, Sendable {
    /// Oldest first.
    public var messages: [Message]
    /// Whether there are further messages in the direction asked for.
    public var hasMore: Bool
}
