/// One device by the protocol page alone (docs/protocol/chat.md, sections 4 to 6): a state machine
/// without I/O, which records what it does and sees.
///
/// Its cursor and its unanswered sends outlive its connections. Sends go off one after the other,
/// each with the client message id of its first try.
package struct ChatClient {
    package let device: DeviceKey
    private let history: ChatHistory
    /// Events to ask for at once.
    private let pageLimit: Int

    /// What it has applied; epoch 0 before its first answer.
    package private(set) var cursor: SeenCursor
    /// The highest seq it saw on this connection.
    private var seen: UInt64 = 0
    package private(set) var isConnected = false
    private var open: [Int: (request: ClientRequest, asked: Int?)] = [:]
    private var syncIsOpen = false
    private var needsSync = false
    private var sendIsOpen = false
    private var outbox: [ClientSend] = []
    private var calls = 0
    /// The highest number applied of each conversation.
    package private(set) var lasts: [ConversationKey: UInt64] = [:]

    /// - Parameter cursor: where to go on; a new device has none.
    package init(
        _ device: DeviceKey, _ history: ChatHistory, pageLimit: Int = 100,
        cursor: SeenCursor = SeenCursor(epoch: 0, seq: 0)
    ) {
        self.device = device
        self.history = history
        self.pageLimit = pageLimit
        self.cursor = cursor
        if cursor.epoch > 0 { history.record(.reset(device, to: cursor)) }
    }

    /// Whether it waits for nothing and knows of nothing that it has not applied.
    package var isAtRest: Bool {
        isConnected && open.isEmpty && outbox.isEmpty && !needsSync && seen <= cursor.seq
    }

    /// Requests without an answer, in the order they were made.
    package var unanswered: [Int] { open.keys.sorted() }

    // MARK: The connection

    /// A connection is there and authenticated.
    package mutating func connect() -> [ClientCall] {
        cut()
        isConnected = true
        needsSync = true
        return retry()
    }

    /// The connection is gone: answers that were on their way will not come.
    package mutating func cut() {
        isConnected = false
        open.removeAll()
        syncIsOpen = false
        sendIsOpen = false
        seen = 0
    }

    /// Makes again what failed or was never answered.
    package mutating func retry() -> [ClientCall] { syncIfNeeded() + sendNext() }

    /// Gives up waiting for an answer. `retry` makes the request again.
    package mutating func giveUp(_ id: Int) -> [ClientCall] {
        receive(.failed(isFinal: false), for: id)
    }

    /// Asks for what is behind the cursor, as a client does that nothing is pushed to.
    package mutating func poll() -> [ClientCall] {
        needsSync = true
        return syncIfNeeded()
    }

    // MARK: What the person does

    /// Queues a message and sends it when those before it are answered.
    package mutating func compose(
        _ conversation: ConversationKey, clientMessageID: String, content: String
    ) -> [ClientCall] {
        outbox.append(
            ClientSend(device, conversation, clientMessageID: clientMessageID, content: content))
        return sendNext()
    }

    package mutating func ask(
        _ conversation: ConversationKey, _ range: SeenRange, limit: Int
    ) -> [ClientCall] {
        guard isConnected else { return [] }
        let asked = history.record(.historyAsked(device, conversation, range))
        return [call(.history(conversation, range, limit: limit), asked)]
    }

    package mutating func askForSummaries() -> [ClientCall] {
        guard isConnected else { return [] }
        return [call(.summaries, history.record(.summariesAsked(device)))]
    }

    package mutating func move(
        _ receipt: SeenReceipt, _ conversation: ConversationKey, upTo: UInt64
    ) -> [ClientCall] {
        guard isConnected else { return [] }
        let asked = history.record(.moveAsked(device, receipt, conversation, upTo: upTo))
        return [call(.move(receipt, conversation, upTo: upTo), asked)]
    }

    package mutating func create(
        _ name: String, members: [UInt64], clientMessageID: String
    ) -> [ClientCall] {
        guard isConnected else { return [] }
        let request = ClientRequest.create(
            name: name, members: members, clientMessageID: clientMessageID)
        return [call(request, nil)]
    }

    package mutating func change(
        _ conversation: ConversationKey, _ change: ClientChange
    ) -> [ClientCall] {
        isConnected ? [call(.change(conversation, change), nil)] : []
    }

    // MARK: What the server says

    /// An event came unasked. `connection` as in `Observation.pushed`.
    package mutating func receive(
        _ event: SeenEvent, epoch: UInt64, connection: Int?
    ) -> [ClientCall] {
        guard isConnected else { return [] }
        history.record(.pushed(device, epoch: epoch, connection: connection, event))
        seen = max(seen, event.seq)
        // Before the first answer there is nothing that the event could follow.
        guard cursor.epoch == epoch, event.seq > cursor.seq else { return [] }
        if event.seq == cursor.seq + 1 {
            apply(event)
            return []
        }
        needsSync = true
        return syncIfNeeded()
    }

    /// The answer to request `id`; one that nobody waits for is ignored.
    package mutating func receive(_ answer: ClientAnswer, for id: Int) -> [ClientCall] {
        guard let (request, asked) = open.removeValue(forKey: id) else { return [] }
        switch (request, answer) {
        case (.sync, .page(let page)):
            syncIsOpen = false
            if let asked { history.record(.pageAnswered(device, asked: asked, page)) }
            take(page)
            return syncIfNeeded()
        case (.sync, _):
            syncIsOpen = false
            needsSync = true
        case (.send(let send), .sent(let answer)):
            history.record(.sendAnswered(send, answer))
            forget(send)
            return sendNext()
        case (.send(let send), .failed(isFinal: true)):
            history.record(.sendRefused(send))
            forget(send)
            return sendNext()
        case (.send, _):
            sendIsOpen = false
        case (.history, .history(let messages, let hasMore)):
            guard let asked else { break }
            history.record(
                .historyAnswered(device, asked: asked, messages, hasMore: hasMore))
        case (.move, .moved(let upTo)):
            if let asked { history.record(.moveAnswered(device, asked: asked, upTo: upTo)) }
        case (.summaries, .summaries(let list)):
            if let asked { history.record(.summariesAnswered(device, asked: asked, list)) }
        default: take(answer, to: request)
        }
        return []
    }

    private func take(_ answer: ClientAnswer, to request: ClientRequest) {
        switch (request, answer) {
        case (.create, .noticed(let group, let number?)),
            (.change, .noticed(let group, let number?)):
            history.record(.noticeAnswered(device, group, number: number))
        case (.change(let conversation, .edit(let number, _)), .revised(let revision)),
            (.change(let conversation, .delete(let number)), .revised(let revision)):
            history.record(
                .changeAnswered(device, conversation, number: number, revision: revision))
        case (.change(let conversation, .hide(let number)), .hidden):
            history.record(.hideAnswered(device, conversation, number: number))
        default: break
        }
    }

    // MARK: Within

    private mutating func call(_ request: ClientRequest, _ asked: Int?) -> ClientCall {
        calls += 1
        open[calls] = (request, asked)
        return ClientCall(id: calls, request: request)
    }

    private mutating func syncIfNeeded() -> [ClientCall] {
        guard isConnected, needsSync, !syncIsOpen else { return [] }
        needsSync = false
        syncIsOpen = true
        let asked = history.record(.pageAsked(device, after: cursor))
        return [call(.sync(cursor, limit: pageLimit), asked)]
    }

    private mutating func sendNext() -> [ClientCall] {
        guard isConnected, !sendIsOpen, let send = outbox.first else { return [] }
        sendIsOpen = true
        history.record(.sendAsked(send))
        return [call(.send(send), nil)]
    }

    private mutating func forget(_ send: ClientSend) {
        sendIsOpen = false
        outbox.removeAll { $0.clientMessageID == send.clientMessageID }
    }

    private mutating func take(_ page: SeenPage) {
        if page.isReset {
            cursor = page.cursor
            lasts.removeAll()
            history.record(.reset(device, to: cursor))
        } else {
            if cursor.epoch == 0 { cursor.epoch = page.cursor.epoch }
            for event in page.events where event.seq == cursor.seq + 1 { apply(event) }
        }
        if page.isLimited || seen > cursor.seq { needsSync = true }
    }

    private mutating func apply(_ event: SeenEvent) {
        cursor.seq = event.seq
        history.record(.applied(device, epoch: cursor.epoch, event))
        if case .message(let message) = event.kind {
            lasts[message.conversation, default: 0] = max(
                lasts[message.conversation, default: 0], message.number)
        }
    }
}
