/// Deletes a message for one user, on all own devices.
struct HideMessage: Procedure {
    var user: UserID
    var conversation: ConversationID
    var number: UInt64

    private var key: MessageKey { MessageKey(user, conversation, number) }

    var keys: [FactKey] {
        if conversation.isGroup {
            return [.group(conversation), .member(conversation, user), .inbox(user)]
        }
        return [.pair(Pair(user, conversation.peer)), .inbox(user)]
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        var message: MessageValue
        if conversation.isGroup {
            message = try findInGroup(&draft)
            if try draft.isHidden(user, key) { return .done }
            draft.set(.hidden(user, key), .flag(true))
        } else {
            message = try findInPair(&draft)
            if message.removal == .forMe { return .done }
            message.remove(.forMe)
            draft.set(.message(key), .message(message))
        }
        let shown = Message(conversation, number, message, for: user, isHidden: true)
        try draft.event(
            user, InboxValue(kind: .changed, conversation: conversation, number: number),
            .changed(shown))
        return .done
    }

    private func findInPair(_ draft: inout Draft) throws(Halt) -> MessageValue {
        let last = try draft.pair(Pair(user, conversation.peer)).last
        guard number >= 1, number <= last, let message = try draft.message(key) else {
            throw .refused(ReviseMessage.noSuchMessage)
        }
        return message
    }

    private func findInGroup(_ draft: inout Draft) throws(Halt) -> MessageValue {
        guard let group = try draft.group(conversation),
            let member = try draft.member(conversation, user)
        else { throw .refused(GroupDraft.noSuchGroup) }
        guard number >= 1, number <= group.last, member.stay(for: number) != nil,
            let message = try draft.message(key)
        else { throw .refused(ReviseMessage.noSuchMessage) }
        return message
    }
}
