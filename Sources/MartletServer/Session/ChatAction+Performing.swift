import MartletChat

extension ChatAction {
    typealias Reply = @Sendable (Result<ActionResult, ChatError>) -> Void

    /// Makes the call; the reply comes later, on any thread.
    func perform(for user: UserID, on chat: ChatService, _ reply: @escaping Reply) {
        switch self {
        case .start(let conversations, let messages):
            chat.start(user: user, conversations: conversations, messages: messages) {
                reply($0.map { .start($0) })
            }
        case .edit(let conversation, let number, let text):
            chat.edit(user: user, conversation: conversation, number: number, text: text) {
                reply($0.map { .revised(conversation, number: number, revision: $0) })
            }
        case .delete(let conversation, let number, true):
            chat.deleteForAll(user: user, conversation: conversation, number: number) {
                reply($0.map { _ in .deleted(conversation, number: number, forAll: true) })
            }
        case .delete(let conversation, let number, false):
            chat.deleteForMe(user: user, conversation: conversation, number: number) {
                reply($0.map { .deleted(conversation, number: number, forAll: false) })
            }
        case .contact, .contacts, .block, .settings, .mute:
            performOnPeople(for: user, on: chat, reply)
        default:
            performOnGroup(for: user, on: chat, reply)
        }
    }

    private func performOnPeople(
        for user: UserID, on chat: ChatService, _ reply: @escaping Reply
    ) {
        let contact: ChatService.Completion<Contact> = { reply($0.map { .contact($0) }) }
        switch self {
        case .contact(let other, let action):
            chat.changeRelation(user: user, other: other, action: action, completion: contact)
        case .block(let other, let blocked):
            chat.changeRelation(
                user: user, other: other, action: blocked ? .block : .unblock,
                completion: contact)
        case .contacts(let after, let limit):
            chat.contacts(user: user, limit: limit, after: after) {
                reply($0.map { .contacts($0) })
            }
        case .settings(let change):
            chat.change(settings: change, of: user) { reply($0.map { .settings($0) }) }
        case .mute(let conversation, let until):
            chat.mute(user: user, conversation: conversation, until: until) {
                reply($0.map { .muted(conversation, until: $0) })
            }
        default:
            reply(.failure(ChatError(.internal, "an action that nobody performs")))
        }
    }

    private func performOnGroup(
        for user: UserID, on chat: ChatService, _ reply: @escaping Reply
    ) {
        let changed: ChatService.Completion<GroupChange> = { reply($0.map { .changed($0) }) }
        switch self {
        case .create(let name, let members, let id):
            chat.createGroup(user: user, name: name, members: members, clientMessageID: id) {
                reply($0.map { .created($0, clientMessageID: id) })
            }
        case .group(let group):
            chat.groupSummary(user: user, group: group) { reply($0.map { .group($0) }) }
        case .members(let group, let after, let limit):
            chat.members(user: user, group: group, limit: limit, after: after) {
                reply($0.map { .members($0) })
            }
        case .names(let group, let users):
            chat.memberNames(user: user, group: group, users: users) {
                reply($0.map { .names($0) })
            }
        case .rename(let group, let name):
            chat.renameGroup(user: user, group: group, name: name, completion: changed)
        case .add(let group, let users):
            chat.addMembers(user: user, group: group, members: users, completion: changed)
        case .remove(let group, let member):
            chat.removeMember(user: user, group: group, member: member, completion: changed)
        case .leave(let group):
            chat.leaveGroup(user: user, group: group, completion: changed)
        case .role(let group, let member, let role):
            chat.setRole(
                user: user, group: group, member: member, role: role, completion: changed)
        case .makeLink(let group, let seconds):
            chat.makeLink(user: user, group: group, microseconds: seconds * 1_000_000) {
                reply($0.map { .link($0) })
            }
        case .revokeLink(let group):
            chat.revokeLink(user: user, group: group) { reply($0.map { .done }) }
        case .join(let link):
            chat.joinGroup(user: user, link: link, completion: changed)
        default:
            reply(.failure(ChatError(.internal, "an action that nobody performs")))
        }
    }
}
