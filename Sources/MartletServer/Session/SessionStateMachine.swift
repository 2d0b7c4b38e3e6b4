package import MartletChat

/// One socket's session: what frames, answers of the domain and time do to it. No I/O.
///
/// The connection feeds it events and performs the actions it gets back, in order.
package struct SessionStateMachine {
    package enum Event: Sendable {
        /// A text message arrived, well-formed or not.
        case frame(Result<ClientFrame, FrameFault>)
        /// A text message arrived too soon after others: it is answered, not served.
        case refused(id: String?, waitMilliseconds: UInt64)
        /// The call with this ticket is over.
        case outcome(UInt32, ChatOutcome)
        /// Time went on.
        case tick
        /// The socket's queue went under or over its mark.
        case writable(Bool)
        /// The session's device has ended, by another socket or because it was one too many.
        case revoked
        /// The user's account is disabled or deleted.
        case disabled
        /// The server stops: finish what is open, take nothing new.
        case drain
    }

    package enum Action: Sendable {
        case write(Answer)
        case call(UInt32, ChatCall)
        /// From now on the user's events go to this socket.
        case attach(UserID, token: String)
        case detach
        /// Every other socket of the user with this token must go.
        case revoke(UserID, token: String)
        /// Nothing is handled after it.
        case close(CloseCode)
    }

    /// Where in time an event happened.
    package struct Moment: Sendable {
        /// Seconds of the loop's wheel.
        package var second: Int
        /// Microseconds since 1970.
        package var wall: UInt64

        package init(second: Int, wall: UInt64) {
            self.second = second
            self.wall = wall
        }

        /// The first second that is at least this far away: part of the one under way has gone by.
        func second(after seconds: Int) -> Int { second + seconds + 1 }
    }

    struct Member {
        var user: UserID
        var token: String
        var expiresAt: UInt64
        var device: DeviceID?
    }

    enum Phase {
        case greeting, anonymous
        case member(Member)
        case closed
    }

    /// A request whose answer is still owed.
    struct Pending {
        var id: String?
        var request: ClientRequest
        /// The user at the time of the request.
        var user: UserID?
        /// The frame's place among those of the connection.
        var number: UInt32 = 0
    }

    let epoch: UInt32
    var phase = Phase.greeting
    /// The second at which the socket is closed as stale; nil once authenticated.
    var deadline: Int?
    let authenticationSeconds: Int
    var pending = OpenRequests()
    var nextTicket: UInt32 = 0
    /// Requests that wait for the end of an authentication.
    var held: [ClientFrame] = []
    /// What is left of the deadline's seconds while an authentication is open; nil if none is.
    var pausedSeconds: Int?
    /// Pages wait for their turn: one at a time, and only while the queue has room.
    var waitingPages: [Pending] = []
    var isPageOpen = false
    var isWritable = true
    var isDraining = false
    var recheck = Recheck()
    var typing = TypingThrottle()
    var actions: [Action] = []
    /// Of a follower: the position that the answer under way reflects.
    var position: UInt64?

    /// - Parameters:
    ///   - second: when the socket was opened, in seconds of the wheel.
    ///   - authenticationSeconds: how long it may be nobody's.
    package init(
        epoch: UInt32, second: Int,
        authenticationSeconds: Int = ProtocolLimits.authenticationSeconds
    ) {
        self.epoch = epoch
        self.authenticationSeconds = authenticationSeconds
        deadline = Moment(second: second, wall: 0).second(after: authenticationSeconds)
    }

    /// For the requests of the HTTP door: no `hi`, no deadline.
    init(doorOf epoch: UInt32) {
        self.epoch = epoch
        authenticationSeconds = ProtocolLimits.authenticationSeconds
        phase = .anonymous
    }

    /// The user whose events this socket gets.
    package var user: UserID? {
        if case .member(let member) = phase { return member.user }
        return nil
    }

    /// The place among the connection's frames of the one that a call is made for; `nil` for what
    /// the server asks by itself.
    package func frameNumber(of ticket: UInt32) -> UInt32? { pending[ticket]?.number }

    /// Requests whose answer is still owed.
    var openCount: Int { pending.count + held.count + waitingPages.count }

    /// - Parameter memory: an empty array, given back with the actions.
    package mutating func handle(
        _ event: Event, at now: Moment, reusing memory: consuming [Action] = []
    ) -> [Action] {
        if case .closed = phase { return [] }
        actions = memory
        expireIfDue(now)
        switch event {
        case .frame(.success(let frame)):
            startRecheck(now)
            receive(frame, now)
        case .frame(.failure(let fault)): refuse(fault)
        case .refused(let id, let wait): answer(id, .error(.tooMany(wait)))
        case .outcome(let ticket, let outcome): finish(ticket, outcome, now)
        case .tick:
            if let deadline, now.second >= deadline { close(.stale) }
            startRecheck(now)
        case .writable(let writable): isWritable = writable
        case .revoked: endDevice()
        case .disabled: close(.disabled)
        case .drain: isDraining = true
        }
        if case .closed = phase { return takeActions() }
        startPage()
        if isDraining && openCount == 0 { close(.shutdown) }
        return takeActions()
    }

    /// Keeps no storage for later: there are many sockets, and nearly all of them are idle.
    private mutating func takeActions() -> [Action] {
        let due = actions
        actions = []
        return due
    }

    mutating func answer(_ id: String?, _ frame: ServerFrame) {
        actions.append(.write(Answer(id, frame, position: position)))
    }

    mutating func close(_ code: CloseCode) {
        if user != nil { actions.append(.detach) }
        actions.append(.close(code))
        phase = .closed
    }

    private mutating func refuse(_ fault: FrameFault) {
        if fault.kind == .notUTF8 { return close(.notUTF8) }
        answer(fault.id, .error(ErrorFrame(fault)))
    }

    /// Starts a call for a request whose answer is owed.
    mutating func call(_ call: ChatCall, for request: Pending) {
        nextTicket &+= 1
        pending.insert(request, nextTicket)
        actions.append(.call(nextTicket, call))
    }

    private mutating func startPage() {
        guard isWritable, !isPageOpen, !waitingPages.isEmpty else { return }
        let page = waitingPages.removeFirst()
        guard let user else { return answer(page.id, .error(.unauthorized)) }
        isPageOpen = true
        callPage(page, user)
    }

    private mutating func expireIfDue(_ now: Moment) {
        guard case .member(let member) = phase, member.expiresAt <= now.wall else { return }
        leave(now)
    }

    /// The socket belongs to nobody from now on, and has the usual time to change that.
    mutating func leave(_ now: Moment) {
        phase = .anonymous
        actions.append(.detach)
        if pausedSeconds == nil {
            deadline = now.second(after: authenticationSeconds)
        } else {
            pausedSeconds = authenticationSeconds + 1
        }
    }
}
