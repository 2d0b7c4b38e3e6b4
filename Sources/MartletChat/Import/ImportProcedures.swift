/// What an import does to a channel's group. A log of years has thousands who speak in it and a
/// hundred thousand lines: an event for each line in each inbox would be a billion rows. So nobody
/// is told of what is imported, line by line: it is history, found as history. At the end each
/// member gets one event, and all of it counts as read.

/// Lets those in who speak in the log, each with a notice. Who is in or was in already is passed
/// over: who has left is not brought back.
struct ImportMembers: Procedure {
    /// Who stands for the channel.
    var user: UserID
    var id: ConversationID
    var added: [UserID]
    var membersMax: Int
    var now: UInt64

    var keys: [FactKey] {
        GroupDraft.keys(id, user) + added.map { .account($0) } + added.map { .member(id, $0) }
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        var group = try GroupDraft(id, by: user, atLeast: .owner, &draft)
        var number: UInt64?
        for other in added where try draft.member(id, other) == nil {
            try draft.mustExist(other)
            try group.admit(other, as: .member, &draft)
            var message = MessageValue(
                sender: user, sentAt: now, clientMessageID: nil, text: "")
            message.notice = GroupNotice(.added, user: other)
            number = group.append(message, &draft)
        }
        guard group.roster.count <= membersMax else {
            throw .refused(ChatError(.tooLarge, "a group has \(membersMax) members at most"))
        }
        return .group(id, number: number)
    }
}

/// Stores a line of a log as a message of its group, once by (user, client message id). `.done` for
/// one who is not in the group any more: nothing is stored then.
struct ImportMessage: Procedure {
    var user: UserID
    var id: ConversationID
    var text: String
    var clientMessageID: String
    var sentAt: UInt64

    private var sendKey: SendKey { SendKey(user: user, clientMessageID: clientMessageID) }

    var keys: [FactKey] { [.send(sendKey), .group(id), .member(id, user)] }

    var cost: Int { 512 + 2 * text.utf8.count }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        if let earlier = try draft.earlier(sendKey) { return .sent(earlier.repeated) }
        guard var group = try draft.group(id), let member = try draft.member(id, user) else {
            throw .refused(GroupDraft.noSuchGroup)
        }
        if member.role == nil { return .done }
        group.last += 1
        draft.set(.group(id), .group(group))
        draft.store(
            MessageKey(user, id, group.last),
            MessageValue(
                sender: user, sentAt: sentAt, clientMessageID: clientMessageID, text: text))
        let receipt = SendReceipt(
            conversation: id, number: group.last, seq: 0, sentAt: sentAt, isDuplicate: false)
        draft.set(.send(sendKey), .send(SendValue(receipt)))
        return .sent(receipt)
    }
}

/// Ends an import for some of the members: everything up to the last imported message is read, and
/// one event leads to it. Who has come as far already is passed over, so repeats change nothing.
struct ImportEnd: Procedure {
    var user: UserID
    var id: ConversationID
    var members: [UserID]
    /// The last imported message.
    var number: UInt64

    private var key: MessageKey { MessageKey(user, id, number) }

    var keys: [FactKey] {
        [.group(id)] + members.map { .member(id, $0) } + members.map { .inbox($0) }
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        guard let group = try draft.group(id), number <= group.last,
            let message = try draft.message(key)
        else { throw .refused(ReviseMessage.noSuchMessage) }
        for user in members {
            guard var member = try draft.member(id, user), member.role != nil,
                member.stay(for: number) != nil, member.read < number
            else { continue }
            member.delivered = max(member.delivered, number)
            member.read = number
            draft.set(.member(id, user), .member(member))
            try draft.event(
                user, InboxValue(kind: .message, conversation: id, number: number),
                .message(Message(id, number, message, for: user, as: member, isHidden: false)))
        }
        return .done
    }
}
