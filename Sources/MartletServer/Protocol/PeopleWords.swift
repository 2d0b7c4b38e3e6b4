import MartletChat

extension PresenceAudience {
    /// As frames write it.
    var word: String {
        switch self {
        case .contacts: "contacts"
        case .everyone: "everyone"
        case .nobody: "nobody"
        }
    }

    init?(_ word: String) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}

extension MessageAudience {
    /// As frames write it.
    var word: String {
        switch self {
        case .everyone: "everyone"
        case .contacts: "contacts"
        }
    }

    init?(_ word: String) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}

extension ContactState {
    /// As frames write it.
    var word: String {
        switch self {
        case .none: "none"
        case .requested: "requested"
        case .incoming: "incoming"
        case .contact: "contact"
        }
    }
}

extension Contact {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        writeFields(to: &json)
        json.endObject()
    }

    func writeFields(to json: inout JSONWriter) {
        json.field("user", id: user.rawValue)
        json.field("name", name)
        json.field("state", state.word)
        json.key("blocked")
        json.bool(isBlocked)
    }
}

extension SettingsValue {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        writeFields(to: &json)
        json.endObject()
    }

    func writeFields(to json: inout JSONWriter) {
        json.key("receipts")
        json.bool(receipts)
        json.field("presence", presence.word)
        json.field("messagesFrom", messagesFrom.word)
    }
}
