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
/// no locks, every call on the loop.
package final class Hub {
    let port: ChatPort
    let settings: SocketSettings
    private(set) var wheel = TimerWheel()
    private var members: [UInt64: any WheelMember] = [:]
    private var sockets: [UInt64: SocketHandler] = [:]
    private var users: [UserID: [SocketHandler]] = [:]
    private var nextKey: UInt64 = 0
    private var touched: [SocketHandler] = []
    private(set) var isDraining = false
    private var whenEmpty: EventLoopPromise<Void>?
    var mailbox: HubMailbox?
    /// Tells all loops, this one too.
    var postToAll: (HubPost) -> Void = { _ in }

    let meter: HubMeter

    package init(port: ChatPort, settings: SocketSettings, meter: HubMeter = HubMeter()) {
        self.meter = meter
        self.port = port
        self.settings = settings
    }

    var socketCount: Int { sockets.count }
    var second: Int { wheel.second }
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
        if sockets.isEmpty { whenEmpty?.succeed() }
    }

    func attach(_ socket: SocketHandler, to user: UserID) {
        users[user, default: []].append(socket)
    }

    func detach(_ socket: SocketHandler, from user: UserID) {
        users[user]?.removeAll { $0 === socket }
        if users[user]?.isEmpty == true { users[user] = nil }
    }

    func perform(_ call: ChatCall, socket: UInt64, ticket: UInt32) {
        guard let mailbox else { return }
        let watch = CallWatch(call, meter)
        port.perform(call) { outcome in
            watch.ended()
            mailbox.post(.outcome(socket: socket, ticket: ticket, outcome))
        }
    }

    // MARK: Posts

    func receive(_ posts: [HubPost]) {
        for post in posts {
            switch post {
            case .event(let user, let event):
                push(event, to: user)
            case .outcome(let key, let ticket, let outcome):
                guard let socket = sockets[key] else { continue }
                socket.handle(.outcome(ticket, outcome))
                touched.append(socket)
            case .revoke(let user, let token):
                for socket in users[user] ?? [] where socket.token == token {
                    socket.handle(.revoked)
                }
            case .drain:
                isDraining = true
                let hints = ReconnectHints(count: sockets.count, settings.reconnectSpread)
                for (index, socket) in Array(sockets.values).enumerated() {
                    socket.push(hints.frame(index))
                    socket.handle(.drain)
                    touched.append(socket)
                }
            case .closeAll:
                for socket in Array(sockets.values) { socket.abort() }
            case .measure:
                meter.queued(sockets.values.reduce(0) { $0 + $1.queued })
            }
        }
        let flushes = touched
        touched.removeAll(keepingCapacity: true)
        for socket in flushes { socket.flushIfNeeded() }
    }

    /// The frame is encoded once, whatever the number of devices.
    private func push(_ event: InboxEvent, to user: UserID) {
        guard let devices = users[user] else { return }
        let frame = FrameEncoder.text { event.writeFrame(to: &$0) }
        meter.pushed(to: devices.count)
        for socket in devices {
            socket.push(frame)
            touched.append(socket)
        }
    }

    /// One event, as if it came through the mailbox.
    package func deliver(_ event: InboxEvent, to user: UserID) {
        receive([.event(user, event)])
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
        return mailbox
    }

    /// Succeeds `promise` once no socket is left.
    func notifyWhenEmpty(_ promise: EventLoopPromise<Void>) {
        whenEmpty = promise
        if sockets.isEmpty { promise.succeed() }
    }
}
