/// Gives every message its number and every event its seq: a state machine without I/O.
///
/// A request is begun (what must be known is pinned, what is not known is told), learned about
/// (what the store says), and admitted: it gets its numbers and joins the newest pending group.
/// **One group is under way at a time**, and a group is one atomic commit. So when a commit fails,
/// nothing that depends on its numbers can have been stored: all that was assigned is taken back,
/// and the next request goes on from the committed numbers, with neither gap nor double.
///
/// `Reply` is what the caller wants back with a request's outcome.
struct Sequencer<Reply> {
    struct Counter {
        var assigned: UInt64
        var committed: UInt64
    }

    struct Standing {
        /// From the side of the pair's `low`.
        var assigned: ConversationValue
        var committed: ConversationValue
    }

    enum Sent {
        /// The store has no such send.
        case never
        /// Assigned, not committed; the replies of repeats that wait for it.
        case underWay([Reply])
        case stored(SendValue)
    }

    struct Entry {
        var assignment: Assignment
        var reply: Reply
    }

    /// What is not in memory and must be read before the request is admitted.
    struct Unknown {
        var inboxes: [UserID] = []
        var pair = false
        var send = false

        var isEmpty: Bool { inboxes.isEmpty && !pair && !send }
    }

    enum Admission {
        /// Nothing to store: a repeat of what is stored, or a cursor that stands further already.
        case answered(Answer)
        /// A repeat of what is under way; its reply comes with the first's.
        case waits
        /// `startsGroup`: the first of a new group.
        case assigned(Assignment, startsGroup: Bool)
        /// Something was not learned.
        case incomplete
    }

    private var counters: PinnedCache<UserID, Counter>
    private var standings: PinnedCache<Pair, Standing>
    private var sends: PinnedCache<SendKey, Sent>
    private var pending: [[Entry]] = []
    private var pendingCost = 0
    private var underWay: [Entry] = []
    private let groupCost: Int

    init(cacheEntries: Int, groupCost: Int) {
        counters = PinnedCache(capacity: cacheEntries)
        standings = PinnedCache(capacity: cacheEntries)
        sends = PinnedCache(capacity: cacheEntries)
        self.groupCost = groupCost
    }

    // MARK: Before

    mutating func begin(_ request: Request) -> Unknown {
        counters.pin(request.user)
        counters.pin(request.peer)
        standings.pin(request.pair)
        var unknown = Unknown()
        if counters[request.user] == nil { unknown.inboxes.append(request.user) }
        if request.peer != request.user, counters[request.peer] == nil {
            unknown.inboxes.append(request.peer)
        }
        unknown.pair = standings[request.pair] == nil
        if let key = request.sendKey {
            sends.pin(key)
            unknown.send = sends[key] == nil
        }
        return unknown
    }

    mutating func learn(inbox user: UserID, last seq: UInt64) {
        counters.learn(user, Counter(assigned: seq, committed: seq))
    }

    /// `value` is from the side of the pair's `low`.
    mutating func learn(_ pair: Pair, _ value: ConversationValue) {
        standings.learn(pair, Standing(assigned: value, committed: value))
    }

    mutating func learn(_ key: SendKey, _ value: SendValue?) {
        sends.learn(key, value.map { .stored($0) } ?? .never)
    }

    /// Ends a request that was begun and will not be admitted.
    mutating func abandon(_ request: Request) {
        counters.unpin(request.user)
        counters.unpin(request.peer)
        standings.unpin(request.pair)
        if let key = request.sendKey { sends.unpin(key) }
    }

    // MARK: Numbers

    mutating func admit(_ request: Request, _ reply: Reply) -> Admission {
        guard let standing = standings[request.pair], counters[request.user] != nil,
            counters[request.peer] != nil
        else { return .incomplete }
        switch request {
        case .send(let send):
            return admit(send, request, standing, reply)
        case .move(let move):
            return admit(move, request, standing, reply)
        }
    }

    private mutating func admit(
        _ send: SendRequest, _ request: Request, _ standing: Standing, _ reply: Reply
    ) -> Admission {
        let key = SendKey(user: send.user, clientMessageID: send.clientMessageID)
        switch sends[key] {
        case nil:
            return .incomplete
        case .underWay(let waiting):
            sends[key] = .underWay(waiting + [reply])
            abandon(request)
            return .waits
        case .stored(let value):
            abandon(request)
            return .answered(.sent(value.repeated))
        case .never:
            break
        }
        var conversation = standing.assigned.seen(by: send.user, in: request.pair)
        conversation.last += 1
        // Who writes has seen what came before.
        conversation.delivered = conversation.last
        conversation.read = conversation.last
        let number = conversation.last
        let toPeer = ConversationID(with: send.peer)
        var events = [
            event(
                send.user,
                InboxValue(kind: .message, conversation: toPeer, number: number))
        ]
        if send.peer == send.user {
            conversation.peerDelivered = number
            conversation.peerRead = number
        } else {
            let toUser = ConversationID(with: send.user)
            events.append(
                event(
                    send.peer,
                    InboxValue(kind: .message, conversation: toUser, number: number)))
        }
        sends[key] = .underWay([])
        return assign(request, conversation, events, reply)
    }

    private mutating func admit(
        _ move: MoveRequest, _ request: Request, _ standing: Standing, _ reply: Reply
    ) -> Admission {
        var conversation = standing.assigned.seen(by: move.user, in: request.pair)
        let upTo = min(move.upTo, conversation.last)
        let current = move.cursor == .read ? conversation.read : conversation.delivered
        guard upTo > current else {
            abandon(request)
            return .answered(.moved(current))
        }
        conversation.delivered = max(conversation.delivered, upTo)
        let toUser = ConversationID(with: move.user)
        var events: [Assignment.Event] = []
        if move.cursor == .read {
            conversation.read = upTo
            let toPeer = ConversationID(with: move.peer)
            events.append(
                event(
                    move.user,
                    InboxValue(kind: .readByOwn, conversation: toPeer, number: upTo)))
        }
        if move.peer != move.user {
            let kind: InboxValue.Kind = move.cursor == .read ? .readByPeer : .delivered
            events.append(
                event(move.peer, InboxValue(kind: kind, conversation: toUser, number: upTo)))
        }
        return assign(request, conversation, events, reply)
    }

    private mutating func event(_ user: UserID, _ value: InboxValue) -> Assignment.Event {
        var counter = counters[user] ?? Counter(assigned: 0, committed: 0)
        counter.assigned += 1
        counters[user] = counter
        return Assignment.Event(user: user, seq: counter.assigned, value: value)
    }

    private mutating func assign(
        _ request: Request, _ conversation: ConversationValue, _ events: [Assignment.Event],
        _ reply: Reply
    ) -> Admission {
        let assignment = Assignment(
            request: request, conversation: conversation, events: events)
        standings[request.pair]?.assigned = conversation.seen(by: request.user, in: request.pair)
        let starts = pending.isEmpty || pendingCost >= groupCost
        if starts {
            pending.append([])
            pendingCost = 0
        }
        pending[pending.count - 1].append(Entry(assignment: assignment, reply: reply))
        pendingCost += request.cost
        return .assigned(assignment, startsGroup: starts)
    }

    // MARK: Commits

    /// The oldest pending group is now under way; false if one is already, or none is pending.
    mutating func beginCommit() -> Bool {
        guard underWay.isEmpty, !pending.isEmpty else { return false }
        underWay = pending.removeFirst()
        return true
    }

    /// One outcome of a commit, in the order of the numbers.
    struct Outcome {
        var assignment: Assignment
        var reply: Reply
        var repeats: [Reply]
    }

    /// The group under way is stored.
    mutating func commitSucceeded() -> [Outcome] {
        let entries = underWay
        underWay = []
        return entries.map { entry in
            let assignment = entry.assignment
            let request = assignment.request
            standings[request.pair]?.committed =
                assignment.conversation.seen(by: request.user, in: request.pair)
            for event in assignment.events { counters[event.user]?.committed = event.seq }
            var repeats: [Reply] = []
            if let key = request.sendKey, let receipt = assignment.receipt {
                if case .underWay(let waiting) = sends[key] { repeats = waiting }
                sends[key] = .stored(SendValue(receipt))
            }
            abandon(request)
            return Outcome(assignment: assignment, reply: entry.reply, repeats: repeats)
        }
    }

    /// The group under way is not stored. It and all that is pending is taken back.
    mutating func commitFailed() -> [Outcome] {
        let entries = underWay + pending.flatMap { $0 }
        underWay = []
        pending = []
        return entries.map { entry in
            let request = entry.assignment.request
            if let standing = standings[request.pair] {
                standings[request.pair]?.assigned = standing.committed
            }
            for user in [request.user, request.peer] {
                if let counter = counters[user] { counters[user]?.assigned = counter.committed }
            }
            var repeats: [Reply] = []
            if let key = request.sendKey {
                if case .underWay(let waiting) = sends[key] { repeats = waiting }
                sends.removeValue(key)
            }
            abandon(request)
            return Outcome(assignment: entry.assignment, reply: entry.reply, repeats: repeats)
        }
    }
}

extension ConversationValue {
    /// Turns a value from the side of `pair.low` to `user`'s side, or back.
    func seen(by user: UserID, in pair: Pair) -> ConversationValue {
        user == pair.low ? self : mirrored
    }
}

extension SendValue {
    init(_ receipt: SendReceipt) {
        self.init(
            conversation: receipt.conversation, number: receipt.number, seq: receipt.seq,
            sentAt: receipt.sentAt)
    }

    var repeated: SendReceipt {
        SendReceipt(
            conversation: conversation, number: number, seq: seq, sentAt: sentAt,
            isDuplicate: true)
    }
}
