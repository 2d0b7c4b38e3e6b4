import MartletSimulation
import MartletStore

@testable import MartletChat

/// The chat in one store on a simulated machine, with as much of a session as the protocol's
/// section 6 asks of a server.
final class SimulatedServer {
    private let simulation: Simulation
    private let storeOptions: StoreOptions
    private let chatOptions: ChatOptions
    private let sabotage: WorldFaults.Sabotage?
    private(set) var store: Store
    private(set) var chat: ChatService
    private(set) var mailbox = Mailbox()
    private var oldPages: [UserID: ClientAnswer] = [:]
    private var sendsTaken = 0

    init(
        _ simulation: Simulation, _ storeOptions: StoreOptions, _ chatOptions: ChatOptions,
        _ sabotage: WorldFaults.Sabotage?
    ) throws {
        self.simulation = simulation
        self.storeOptions = storeOptions
        var chatOptions = chatOptions
        if sabotage == .answersEarly { chatOptions.durability = .written }
        self.chatOptions = chatOptions
        self.sabotage = sabotage
        store = try Store.open(
            at: "/chat", options: storeOptions, environment: simulation.environment)
        chat = try ChatService.open(
            store, options: chatOptions, environment: simulation.environment)
        observe()
    }

    private func observe() {
        chat.setObserver { [mailbox] deliveries in
            for delivery in deliveries { mailbox.add(.push(delivery)) }
        }
    }

    /// Opens the store again after a crash. The mailbox is new: what the old process had to say
    /// went with it.
    func reopen() throws {
        mailbox = Mailbox()
        store = try Store.open(
            at: "/chat", options: storeOptions, environment: simulation.environment)
        chat = try ChatService.open(
            store, options: chatOptions, environment: simulation.environment)
        observe()
    }

    /// Stops as on a signal.
    func close() throws {
        simulation.executor.runAll()
        chat.close()
        try store.close()
        simulation.executor.runAll()
    }

    func register(_ name: String) throws -> UserID {
        let mailbox = RegisteredUser()
        chat.register(name: name, password: "correct horse") { mailbox.set($0) }
        simulation.executor.runAll()
        return try mailbox.get().user
    }

    // MARK: Requests

    func serve(_ call: ClientCall, of device: DeviceKey, on connection: Int) {
        let mailbox = mailbox
        let reply: @Sendable (ClientAnswer) -> Void = {
            mailbox.add(.answer(connection: connection, id: call.id, $0))
        }
        let user = UserID(rawValue: device.user)
        switch call.request {
        case .create(let name, let members, let clientMessageID):
            chat.createGroup(
                user: user, name: name, members: members.map(UserID.init(rawValue:)),
                clientMessageID: clientMessageID
            ) { result in
                reply(
                    ClientAnswer(result) {
                        .noticed(.group($0.conversation.rawValue), number: $0.number)
                    })
            }
        case .change(let conversation, let wanted):
            change(conversation.id(for: user), wanted, user, reply)
        case .sync(let cursor, let limit): sync(user, cursor, limit, reply)
        case .send(let send): store(send, user, reply)
        case .history(let conversation, let range, let limit):
            chat.history(
                user: user, conversation: conversation.id(for: user), range: range.range,
                limit: limit
            ) { result in
                reply(
                    ClientAnswer(result) { page in
                        .history(
                            page.messages.map { SeenMessage($0, of: user) },
                            hasMore: page.hasMore)
                    })
            }
        case .move(let receipt, let conversation, let upTo):
            let done: ChatService.Completion<UInt64> = { reply(ClientAnswer($0) { .moved($0) }) }
            let id = conversation.id(for: user)
            switch receipt {
            case .delivered:
                chat.markDelivered(user: user, conversation: id, upTo: upTo, completion: done)
            case .read:
                chat.markRead(user: user, conversation: id, upTo: upTo, completion: done)
            }
        case .summaries:
            chat.conversations(user: user, limit: 1_000) { result in
                reply(
                    ClientAnswer(result) { page in
                        .summaries(page.conversations.map { SeenSummary($0, of: user) })
                    })
            }
        }
    }

    private func change(
        _ conversation: ConversationID, _ change: ClientChange, _ user: UserID,
        _ reply: @escaping @Sendable (ClientAnswer) -> Void
    ) {
        let noticed: ChatService.Completion<GroupChange> = { result in
            reply(
                ClientAnswer(result) { .noticed(.group($0.group.rawValue), number: $0.number) })
        }
        let revised: ChatService.Completion<UInt64> = { result in
            reply(ClientAnswer(result) { .revised($0) })
        }
        switch change {
        case .add(let users):
            chat.addMembers(
                user: user, group: conversation, members: users.map(UserID.init(rawValue:)),
                completion: noticed)
        case .remove(let member):
            chat.removeMember(
                user: user, group: conversation, member: UserID(rawValue: member),
                completion: noticed)
        case .leave:
            chat.leaveGroup(user: user, group: conversation, completion: noticed)
        case .edit(let number, let content):
            chat.edit(
                user: user, conversation: conversation, number: number, text: content,
                completion: revised)
        case .delete(let number):
            chat.deleteForAll(
                user: user, conversation: conversation, number: number, completion: revised)
        case .hide(let number):
            chat.deleteForMe(user: user, conversation: conversation, number: number) { result in
                reply(ClientAnswer(result) { _ in .hidden })
            }
        }
    }

    private func sync(
        _ user: UserID, _ cursor: SeenCursor, _ limit: Int,
        _ reply: @escaping @Sendable (ClientAnswer) -> Void
    ) {
        if sabotage == .servesOldPages, let old = oldPages[user] { return reply(old) }
        guard cursor.epoch == UInt64(chat.epoch) else {
            chat.latestCursor(user: user) { result in
                reply(
                    ClientAnswer(result) { latest in
                        var page = SeenPage([], cursor: SeenCursor(latest))
                        page.isReset = true
                        return .page(page)
                    })
            }
            return
        }
        chat.events(user: user, after: cursor.seq, limit: limit) { result in
            reply(
                ClientAnswer(result) { found in
                    var page = SeenPage(
                        found.events.map { SeenEvent($0, of: user) },
                        cursor: SeenCursor(found.cursor))
                    page.isLimited = found.limited
                    page.isReset = found.cursor.seq < cursor.seq
                    return .page(page)
                })
        }
        if sabotage == .servesOldPages {
            oldPages[user] = .page(SeenPage([], cursor: cursor))
        }
    }

    private func store(
        _ send: ClientSend, _ user: UserID,
        _ reply: @escaping @Sendable (ClientAnswer) -> Void
    ) {
        let epoch = UInt64(chat.epoch)
        sendsTaken += 1
        let forgets = sabotage == .forgetsRepeats
        chat.send(
            from: user, to: send.conversation.id(for: user), text: send.content,
            clientMessageID: forgets ? "\(sendsTaken)" : send.clientMessageID
        ) { result in
            reply(
                ClientAnswer(result) { receipt in
                    .sent(
                        SeenAnswer(
                            number: receipt.number,
                            cursor: SeenCursor(epoch: epoch, seq: receipt.seq),
                            isRepeat: receipt.isDuplicate))
                })
        }
    }
}

extension ClientAnswer {
    init<Value>(_ result: Result<Value, ChatError>, _ make: (Value) -> ClientAnswer) {
        switch result {
        case .success(let value): self = make(value)
        case .failure(let error):
            let status = error.code.status
            self = .failed(isFinal: (400..<500).contains(status) && status != 429)
        }
    }
}

/// Keeps the result of a registration.
///
/// `@unchecked Sendable`: the only mutable state, `result`, is read and written under `monitor`
/// only, and the value that is handed out is a copy.
private final class RegisteredUser: @unchecked Sendable {
    private let monitor = Monitor()
    private var result: Result<Session, ChatError>?

    func set(_ result: Result<Session, ChatError>) { monitor.withLock { self.result = result } }

    func get() throws -> Session {
        guard let result = monitor.withLock({ result }) else {
            throw ChatError(.internal, "no answer came")
        }
        return try result.get()
    }
}
