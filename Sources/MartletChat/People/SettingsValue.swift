/// Who may see whether a user is online. Raw values are part of the format.
public enum PresenceAudience: UInt8, Sendable, Hashable, CaseIterable {
    /// The user's contacts.
    case contacts = 0
    /// Everybody who does not block the user and is not blocked.
    case everyone = 1
    /// Nobody.
    case nobody = 2
}

/// From whom a user takes messages and contact requests. Raw values are part of the format.
public enum MessageAudience: UInt8, Sendable, Hashable, CaseIterable {
    /// Everybody whom the user does not block.
    case everyone = 0
    /// The user's contacts.
    case contacts = 1
}

/// A row of `settings`: what a user has chosen. A missing row is the defaults.
public struct SettingsValue: Hashable, Sendable {
    /// Whether delivered and read cursors are told to peers.
    public var receipts = true
    /// Who may see whether the user is online.
    public var presence = PresenceAudience.contacts
    /// From whom the user takes messages.
    public var messagesFrom = MessageAudience.everyone

    /// The defaults, but for what is given.
    public init(
        receipts: Bool = true, presence: PresenceAudience = .contacts,
        messagesFrom: MessageAudience = .everyone
    ) {
        self.receipts = receipts
        self.presence = presence
        self.messagesFrom = messagesFrom
    }

    func encoded() -> [UInt8] { [1, receipts ? 1 : 0, presence.rawValue, messagesFrom.rawValue] }
}

extension SettingsValue {
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 4, bytes[0] == 1, bytes[1] < 2,
            let presence = PresenceAudience(rawValue: bytes[2]),
            let messagesFrom = MessageAudience(rawValue: bytes[3])
        else { return nil }
        self.init()
        receipts = bytes[1] == 1
        self.presence = presence
        self.messagesFrom = messagesFrom
    }
}
