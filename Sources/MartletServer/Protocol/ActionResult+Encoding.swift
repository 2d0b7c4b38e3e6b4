import MartletChat

extension ActionResult {
    /// Writes the verb's object.
    func write(to json: inout JSONWriter, position: UInt64? = nil) {
        json.beginObject()
        switch self {
        case .start(let page):
            page.writeFields(to: &json)
        case .revised(let conversation, let number, let revision):
            json.field("conversation", id: conversation.rawValue)
            json.field("number", number)
            json.field("revision", revision)
        case .deleted(let conversation, let number, let forAll):
            json.field("conversation", id: conversation.rawValue)
            json.field("number", number)
            json.field("for", forAll ? "all" : "me")
        case .created(let receipt, let clientMessageID):
            json.field("conversation", id: receipt.conversation.rawValue)
            json.field("number", receipt.number)
            json.field("clientMessageID", clientMessageID)
            json.key("duplicate")
            json.bool(receipt.isDuplicate)
        case .group(let summary):
            summary.writeGroupFields(to: &json)
        case .members(let page):
            json.key("more")
            json.bool(page.hasMore)
            json.array("members", page.members) { $0.write(to: &$1) }
        case .names(let names):
            json.array("names", names) { found, json in
                json.beginObject()
                json.field("user", id: found.user.rawValue)
                json.field("name", found.name)
                json.endObject()
            }
        case .changed(let change):
            json.field("conversation", id: change.group.rawValue)
            if let number = change.number { json.field("number", number) }
        case .link(let link):
            json.field("link", link.text)
            json.field("expiresAt", link.expiresAt)
        case .contact(let contact):
            contact.writeFields(to: &json)
        case .contacts(let page):
            json.key("more")
            json.bool(page.hasMore)
            json.array("contacts", page.contacts) { $0.write(to: &$1) }
        case .settings(let settings):
            settings.writeFields(to: &json)
        case .muted(let conversation, let until):
            json.field("conversation", id: conversation.rawValue)
            json.field("mutedUntil", until)
        case .presence(let states):
            json.array("presence", states) { $0.write(to: &$1) }
        case .done:
            break
        }
        json.position(position)
        json.endObject()
    }
}

extension StartPage {
    /// The fields of `start`. Conversations, then their oldest messages are left out where the
    /// frame would be too large; what is left out is paged like the rest.
    fileprivate func writeFields(to json: inout JSONWriter) {
        let page = PageCut.fitting(self)
        json.field("epoch", UInt64(page.cursor.epoch))
        json.field("seq", page.cursor.seq)
        json.key("settings")
        page.settings.write(to: &json)
        json.key("more")
        json.bool(page.hasMore)
        json.array("conversations", page.conversations) { conversation, json in
            json.beginObject()
            conversation.summary.writeFields(to: &json)
            json.key("moreMessages")
            json.bool(conversation.hasMore)
            json.array("messages", conversation.messages) { $0.write(to: &$1) }
            json.endObject()
        }
    }
}

extension ConversationSummary {
    fileprivate func writeGroupFields(to json: inout JSONWriter) {
        json.field("conversation", id: conversation.rawValue)
        json.field("name", name)
        json.field("last", last)
        guard let group else { return }
        json.field("role", group.role?.description ?? "none")
        json.field("members", UInt64(group.members))
        json.field("from", group.from)
    }
}

extension GroupMember {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("user", id: user.rawValue)
        json.field("name", name)
        json.field("role", role.description)
        json.field("delivered", delivered)
        json.field("read", read)
        json.endObject()
    }
}
