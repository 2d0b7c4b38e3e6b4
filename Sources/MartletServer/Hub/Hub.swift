package import MartletChat
package import NIOCore

/// A connection with a deadline.
protocol WheelMember: AnyObject {
    /// The second at which the wheel really means this member; entries for other seconds are stale.
    var nextCheck: Int { get set }
    /// Looks what is due; returns the second of the next look.
    func check(at second: Int) -> Int
}

/// All connections of one event loop: who is whose, and when to look at them again. Loop-confined:
/// no locks, every call on the loop. So nothing here is entered twice, and the dynamic checks of
/// that are off for what every message touches.
package final class Hub {
    let port: ChatPort
    let settings: SocketSettings
    package let gate: Gate
    private(set) var wheel = TimerWheel()
    @exclusivity(unchecked) private var members: [UInt64: any WheelMember] = [:]
    @exclusivity(unchecked) private var sockets: [UInt64: SocketHandler] = [:]
    @exclusivity(unchecked) private var users: [UserID: [SocketHandler]] = [:]
    /// Connections whose answer to a request is owed, parked polls among them.
    private var requests: [UInt64: HTTPHandler] = [:]
    private var polls: [UserID: [HTTPHandler]] = [:]
    private var nextKey: UInt64 = 0
    @exclusivity(unchecked) private var touched: [SocketHandler] = []
    private var touchedPolls: [HTTPHandler] = []
    private(set) var isDraining = false
    private var whenEmpty: EventLoopPromise<Void>?
    var mailbox: HubMailbox?
    /// Its place among the hubs of all loops.
    package var number = 0
    /// What all loops know of who is online; none if nil.
    package var presence: PresenceDesk?
    /// Tells all loops, this one too.
    var postToAll: (HubPost) -> Void = { _ in }
    /// Whether there are hubs of other loops.
    var hasSiblings = false

    let meter: HubMeter
    let memory = LoopMemory()

    package init(
        port: ChatPort, settings: SocketSettings, gate: Gate = Gate(.off),
        meter: HubMeter = HubMeter()
    ) {
        self.meter = meter
        self.port = port
        self.settings = settings
        self.gate = gate
    }

    var socketCount: Int { sockets.count }
    var second: Int { wheel.second }

    /// The first second of the wheel that is at least this far away: part of the one under way has
    /// gone by already.
    func second(after seconds: Int) -> Int { wheel.second + seconds + 1 }

    var moment: SessionStateMachine.Moment {
        .init(second: wheel.second, wall: settings.clock())
    }

    // MARK: Time

    func join(_ member: any WheelMember, checkAt second: Int) -> UInt64 {
        nextKey += 1
        members[nextKey] = member
        schedule(nextKey, member, at: second)
        return nextKey
    }

    func leave(_ key: UInt64) {
        members[key] = nil
    }

    /// Asks for an earlier look.
    func schedule(_ key: UInt64, _ member: any WheelMember, at second: Int) {
        member.nextCheck = wheel.schedule(key, at: second)
    }

    /// One second has gone by.
    package func tick() {
        for key in wheel.advance() {
            guard let member = members[key], member.nextCheck == wheel.second else { continue }
            let next = member.check(at: wheel.second)
            if members[key] != nil { schedule(key, member, at: next) }
        }
    }

    // MARK: Sockets

    func opened(_ socket: SocketHandler) {
        sockets[socket.key] = socket
        meter.opened()
    }

    func closed(_ socket: SocketHandler) {
        leave(socket.key)
        guard sockets.removeValue(forKey: socket.key) != nil else { return }
        meter.closed()
        noteIfEmpty()
    }

    func attach(_ socket: SocketHandler, to user: UserID) {
        users[user, default: []].append(socket)
        presence?.joined(user)
    }

    func detach(_ socket: SocketHandler, from user: UserID) {
        users[user]?.removeAll { $0 === socket }
        if users[user]?.isEmpty == true { users[user] = nil }
        presence?.left(user, .socket)
        presence?.unwatch(SocketID(loop: number, key: socket.key))
    }

    /// Has a call made; its outcome comes to the connection with this key.
    /// - Parameter request: what it is made for; `nil` for what the server does by itself.
    func perform(
        _ call: ChatCall, _ key: UInt64, ticket: UInt32, _ peer: Peer, for request: RequestID?
    ) {
        guard let mailbox else { return }
        let label = peer.label(of: request)
        let watch = CallWatch(call, meter, gate, label)
        switch call {
        case .logIn(let name, _, _):
            let login = gate.beginLogin(name, peer, label)
            perform(call, triedAs: login, watch, mailbox, key, ticket)
        case .changePassword(let user, _, _, _):
            // A guess at the old password is a guess.
            let login = gate.beginLogin(Gate.owner(user), peer, label)
            perform(call, triedAs: login, watch, mailbox, key, ticket)
        case .authenticate:
            port.perform(call) { [gate] outcome in
                watch.ended(outcome)
                var shown = outcome
                if case .refused(let error, let reason) = outcome {
                    gate.noteRefusedToken(label, reason: reason)
                    shown = .failure(error)
                } else if outcome.isRightPassword == false {
                    gate.note(.tokenRefused, label)
                }
                mailbox.post(.outcome(key, ticket: ticket, shown))
            }
        case .action(let user, .watch(let users, let groups)):
            // Before the answer is asked for: who comes online behind it is told of.
            presence?.watch(
                SocketID(loop: number, key: key), by: user, users: users, groups: groups)
            fallthrough
        default:
            port.perform(call) { outcome in
                watch.ended(outcome)
                mailbox.post(.outcome(key, ticket: ticket, outcome))
            }
        }
    }

    /// Has a password tried, if its turn has come.
    private func perform(
        _ call: ChatCall, triedAs attempt: (login: Gate.Login, wait: UInt64?), _ watch: CallWatch,
        _ mailbox: HubMailbox, _ key: UInt64, _ ticket: UInt32
    ) {
        if let wait = attempt.wait {
            let error = ChatError(
                .tooMany, "too many tries", retryAfterMilliseconds: Int(clamping: wait))
            return mailbox.post(.outcome(key, ticket: ticket, .failure(error)))
        }
        port.perform(call) { [gate] outcome in
            watch.ended(outcome)
            gate.endLogin(attempt.login, succeeded: outcome.isRightPassword(of: call))
            mailbox.post(.outcome(key, ticket: ticket, outcome))
        }
    }

    // MARK: Requests over HTTP

    func began(_ handler: HTTPHandler) {
        requests[handler.key] = handler
    }

    func finished(_ handler: HTTPHandler) {
        requests[handler.key] = nil
        noteIfEmpty()
    }

    /// From now on the user's events go to this poll; older ones with its token end.
    func register(_ handler: HTTPHandler, _ poll: OpenRequest, _ user: UserID) {
        if let token = poll.token {
            endPolls(of: user, token: token, before: poll.serial)
            if hasSiblings { postToAll(.newPoll(user, token: token, serial: poll.serial)) }
        }
        polls[user, default: []].append(handler)
        presence?.joined(user)
    }

    func unregister(_ handler: HTTPHandler, _ user: UserID) {
        polls[user]?.removeAll { $0 === handler }
        if polls[user]?.isEmpty == true { polls[user] = nil }
        presence?.left(user, .poll)
    }

    private func endPolls(of user: UserID, token: String, before serial: UInt64) {
        for handler in polls[user] ?? [] {
            guard let open = handler.open, open.token == token, open.serial < serial else {
                continue
            }
            handler.handlePoll(.dismiss)
        }
    }

    // MARK: Posts

    func receive(_ posts: [HubPost]) {
        for post in posts {
            switch post {
            case .events(let deliveries):
                for delivery in deliveries { push(delivery.event, to: delivery.user) }
            case .outcome(let key, let ticket, let outcome):
                if let socket = sockets[key] {
                    socket.handle(.outcome(ticket, outcome))
                    touched.append(socket)
                } else {
                    requests[key]?.finish(ticket, outcome)
                }
            case .revoke(let user, let token):
                revoke(user, token)
            case .ended(let end):
                ended(end)
            case .newPoll(let user, let token, let serial):
                endPolls(of: user, token: token, before: serial)
            case .watched(let pushes):
                for push in pushes { tell(push) }
            case .typing(let push):
                tell(push)
            case .cut(let user):
                for socket in users[user] ?? [] { socket.abort() }
                for handler in polls[user] ?? [] { handler.abort() }
            case .drain:
                startDraining()
            case .closeAll:
                for socket in Array(sockets.values) { socket.abort() }
                for handler in Array(requests.values) { handler.abort() }
            case .measure:
                meter.queued(sockets.values.reduce(0) { $0 + $1.queued })
            }
        }
        let flushes = touched
        touched.removeAll(keepingCapacity: true)
        for socket in flushes { socket.flushIfNeeded() }
        let settled = touchedPolls
        touchedPolls.removeAll(keepingCapacity: true)
        for handler in settled { handler.handlePoll(.settle) }
    }

    private func ended(_ end: SessionEnd) {
        let isAccount = end.cause == .disabled || end.cause == .deleted
        for socket in users[end.user] ?? []
        where end.device == nil || socket.device == end.device {
            gate.note(.tokenRevoked, socket.peer.label, user: end.user)
            socket.handle(isAccount ? .disabled : .revoked)
            touched.append(socket)
        }
        for handler in polls[end.user] ?? []
        where end.device == nil || handler.open?.poll?.device == end.device {
            handler.handlePoll(.revoked)
        }
    }

    private func revoke(_ user: UserID, _ token: String) {
        for socket in users[user] ?? [] where socket.token == token {
            gate.note(.tokenRevoked, socket.peer.label, user: user)
            socket.handle(.revoked)
        }
        for handler in polls[user] ?? [] where handler.open?.token == token {
            handler.handlePoll(.revoked)
        }
    }

    /// The server stops: open requests are finished, nothing new is taken.
    package func startDraining() {
        isDraining = true
        let hints = ReconnectHints(count: sockets.count, settings.reconnectSpread)
        for (index, socket) in Array(sockets.values).enumerated() {
            socket.push(hints.frame(index))
            socket.handle(.drain)
            socket.flushIfNeeded()
        }
        for handler in Array(requests.values) { handler.handlePoll(.dismiss) }
    }

    /// The frame is encoded once, whatever the number of devices.
    private func push(_ event: InboxEvent, to user: UserID) {
        if !polls.isEmpty {
            for handler in polls[user] ?? [] {
                handler.handlePoll(.event(event))
                touchedPolls.append(handler)
            }
        }
        guard let devices = users[user] else { return }
        let frame = memory.text { event.writeFrame(to: &$0) }
        meter.pushed(to: devices.count)
        for socket in devices {
            socket.push(frame)
            touched.append(socket)
        }
    }

    private func tell(_ push: WatchPush) {
        var frame: ByteBuffer?
        var told = 0
        for watcher in push.watchers where watcher.socket.loop == number {
            guard let socket = sockets[watcher.socket.key], socket.user == watcher.viewer else {
                continue
            }
            let bytes = frame ?? FrameEncoder.text { push.frame.write(to: &$0) }
            frame = bytes
            socket.push(bytes)
            touched.append(socket)
            told += 1
        }
        meter.told(told)
    }

    private func tell(_ push: TypingPush) {
        let devices = push.users.flatMap { users[$0] ?? [] }
        if devices.isEmpty { return }
        let frame = FrameEncoder.text { push.frame.write(to: &$0) }
        for socket in devices {
            socket.push(frame)
            touched.append(socket)
        }
    }

    /// One event, as if it came through the mailbox.
    package func deliver(_ event: InboxEvent, to user: UserID) {
        receive([.events([Delivery(user: user, event: event)])])
    }

    /// Opens the way in for other threads: outcomes of calls come back by it. Call it on `loop`.
    @discardableResult
    package func attachMailbox(on loop: any EventLoop) -> HubMailbox {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let mailbox = HubMailbox(loop: loop) { posts, since in
            bound.value.meter.took(.deliver, since: since)
            bound.value.receive(posts)
        }
        self.mailbox = mailbox
        postToAll = { mailbox.post($0) }
        return mailbox
    }

    /// Shares what is known of who is online, as the only loop there is. Call it behind
    /// `attachMailbox`.
    package func share(_ presence: PresenceDesk) {
        self.presence = presence
        if let mailbox { presence.reach { mailbox.post($0) } }
    }

    /// Succeeds `promise` once no socket is left, and no answer owed.
    func notifyWhenEmpty(_ promise: EventLoopPromise<Void>) {
        whenEmpty = promise
        noteIfEmpty()
    }

    private func noteIfEmpty() {
        guard sockets.isEmpty, requests.isEmpty, let promise = whenEmpty else { return }
        whenEmpty = nil
        promise.succeed()
    }
}
