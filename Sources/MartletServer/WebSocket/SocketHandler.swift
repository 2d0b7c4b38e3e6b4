import MartletChat
package import NIOCore

/// One WebSocket: bytes in and out around a `SessionStateMachine`. It decides nothing about the
/// session itself. Loop-confined; a method that calls out of here (a flush may come back as a
/// change of writability) keeps no access to a property open meanwhile, so the checks of that are
/// off.
package final class SocketHandler: ChannelInboundHandler, WheelMember {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State: Equatable {
        case open
        /// A close frame is written; the peer has until this second.
        case closing(until: Int)
        case closed
    }

    private let hub: Hub
    let peer: Peer
    private let isEcho: Bool
    private let queuedBytes: (ChannelHandlerContext) -> Int
    @exclusivity(unchecked) private var machine: SessionStateMachine
    @exclusivity(unchecked) private var reader = MessageReader()
    @exclusivity(unchecked) private var leftover: ByteBuffer?
    @exclusivity(unchecked) private var keepAlive: KeepAlive
    /// Of frames that were refused.
    private var patience = TokenBucket()
    private var context: ChannelHandlerContext?
    @exclusivity(unchecked) private var state = State.open
    @exclusivity(unchecked) private var needsFlush = false
    private var hasRead = false
    /// The second at which the message that is not complete began.
    @exclusivity(unchecked) private var messageSince: Int?
    /// Written since the queue was last measured, plus what it held then.
    @exclusivity(unchecked) private var queuedAtMost = 0
    private var attachedTo: UserID?
    private(set) var token: String?
    /// Of the session; nil if there is none.
    var device: DeviceID? { machine.device }
    /// Whose events it gets.
    var user: UserID? { attachedTo }
    private(set) var key: UInt64 = 0
    var nextCheck = 0

    /// - Parameters:
    ///   - isEcho: whether it is a conformance suite's: every message is sent back, no session.
    ///   - queuedBytes: what the channel holds that the kernel has not taken.
    package init(
        hub: Hub, peer: Peer, isEcho: Bool = false,
        queuedBytes: @escaping (ChannelHandlerContext) -> Int = SocketHandler.bufferedBytes
    ) {
        self.hub = hub
        self.peer = peer
        self.isEcho = isEcho
        self.queuedBytes = queuedBytes
        machine = SessionStateMachine(
            epoch: hub.port.epoch, second: hub.second,
            authenticationSeconds: hub.settings.authenticationSeconds)
        keepAlive = KeepAlive(second: hub.second)
        if isEcho { reader = .forEcho() }
    }

    /// The channel's own count.
    package static func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: Life

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        hub.gate.upgraded(peer)
        let firstPing = hub.second + hub.settings.facts.pingSeconds
        key = hub.join(self, checkAt: min(firstPing, machine.deadline ?? firstPing))
        hub.opened(self)
        if hub.socketCount > hub.settings.maxSocketsPerLoop {
            startClosing(.overloaded)
        } else if hub.isDraining {
            handle(.drain)
        }
        flushIfNeeded()
    }

    package func handlerRemoved(context: ChannelHandlerContext) { ended() }
    package func channelInactive(context: ChannelHandlerContext) { ended() }

    private func ended() {
        state = .closed
        context = nil
        detach()
        hub.gate.close(peer)
        hub.closed(self)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Closes at once, without a word.
    func abort() {
        context?.close(promise: nil)
    }

    // MARK: In

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state != .closed else { return }
        var input = unwrapInboundIn(data)
        if var old = leftover {
            leftover = nil
            old.writeBuffer(&input)
            input = old
        }
        keepAlive.heard(at: hub.second)
        while state != .closed, let event = reader.next(from: &input) { receive(event) }
        if input.readableBytes > 0 && state != .closed {
            // A copy of its own, so that the read buffer is not held for a few bytes.
            leftover = ByteBuffer(bytes: input.readableBytesView)
        }
        watchMessage()
        if !hasRead {
            // What the HTTP decoder had left over comes without a read completing behind it.
            hasRead = true
            flushIfNeeded()
        }
    }

    /// A message may take its time, and not for ever, however many pings are in between.
    private func watchMessage() {
        guard state == .open, reader.isInside || leftover != nil else {
            messageSince = nil
            return
        }
        if messageSince != nil { return }
        messageSince = hub.second
        let due = hub.second + hub.settings.messageSeconds
        if due < nextCheck { hub.schedule(key, self, at: due) }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded()
    }

    private func receive(_ event: MessageReader.Event) {
        switch event {
        case .text(let payload):
            guard state == .open else { return }
            if isEcho { return echo(payload, isText: true) }
            let start = HubMeter.now()
            var frame = payload.withUnsafeReadableBytes(Self.parse)
            peer.begin()
            if case .success(var numbered) = frame {
                numbered.number = peer.requests
                frame = .success(numbered)
            }
            hub.meter.received(frame)
            take(frame)
            hub.meter.took(.read, since: start)
        case .binary(let payload):
            if isEcho { return echo(payload, isText: false) }
            refuse(.malformed, "binary message")
        case .oversized:
            refuse(.tooLarge, "frame over \(ProtocolLimits.frameBytes) bytes")
        case .ping(let content):
            if state == .open { write(FrameEncoder.pong(content)) }
        case .pong:
            break
        case .close(let code):
            if state == .open { write(FrameEncoder.close(code, "")) }
            closeAfterFlush()
        case .fault(let code):
            startClosing(code)
            // Its close frame would not be understood; the end of the stream says the rest.
            context?.close(mode: .output, promise: nil)
        }
    }

    private func echo(_ payload: ByteBuffer, isText: Bool) {
        guard state == .open else { return }
        if isText, payload.withUnsafeReadableBytes({ UTF8Check.firstInvalid(in: $0) != nil }) {
            return startClosing(.notUTF8)
        }
        write(FrameEncoder.message(payload, isText: isText))
    }

    /// Serves a frame if the limits allow it. Who goes on in spite of refusals is closed.
    private func take(_ frame: Result<ClientFrame, FrameFault>) {
        let gate = hub.gate
        var id: String?
        var verb = VerbClass.other
        if case .success(let frame) = frame { (id, verb) = (frame.id, frame.request.verbClass) }
        guard let wait = gate.admit(verb, machine.user, peer) else { return handle(.frame(frame)) }
        handle(.refused(id: id, waitMilliseconds: wait))
        if patience.take(gate.limits.refusals, at: gate.now()) != nil {
            gate.note(.flood, peer.requestLabel, user: machine.user)
            startClosing(.rate)
        }
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer
    ) -> Result<ClientFrame, FrameFault> {
        do {
            return .success(try ClientFrame(parsing: bytes))
        } catch {
            return .failure(error)
        }
    }

    private func refuse(_ kind: FrameFault.Kind, _ message: String) {
        take(.failure(FrameFault(kind: kind, message: message, id: nil)))
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        handle(.writable(context.channel.isWritable))
        flushIfNeeded()
    }

    // MARK: The session

    func handle(_ event: SessionStateMachine.Event) {
        guard state == .open else { return }
        for action in machine.handle(event, at: hub.moment) { perform(action) }
        if let deadline = machine.deadline, deadline < nextCheck {
            hub.schedule(key, self, at: deadline)
        }
    }

    private func perform(_ action: SessionStateMachine.Action) {
        guard state == .open else { return }
        switch action {
        case .write(let answer):
            let facts = hub.settings.facts
            hub.meter.answered(answer.frame)
            write(FrameEncoder.text { answer.write(to: &$0, facts: facts) })
        case .call(let ticket, let call):
            // A frame that came earlier, where it had to wait.
            let request = machine.frameNumber(of: ticket).map { peer.request(number: $0) }
            hub.perform(call, key, ticket: ticket, peer, for: request)
        case .attach(let user, let token):
            if attachedTo != user {
                detach()
                attachedTo = user
                hub.attach(self, to: user)
            }
            self.token = token
            // What ended before the hub knew of this socket has passed it by.
            if let device = machine.device, hub.port.hasEnded(user, device) { handle(.revoked) }
        case .detach:
            detach()
        case .revoke(let user, let token):
            hub.postToAll(.revoke(user, token: token))
        case .close(let code):
            startClosing(code)
        }
    }

    private func detach() {
        if let user = attachedTo { hub.detach(self, from: user) }
        attachedTo = nil
        token = nil
    }

    func check(at second: Int) -> Int {
        switch state {
        case .closed:
            return second + 1
        case .closing(let until):
            if second >= until { abort() }
            return until
        case .open:
            break
        }
        if !isEcho { handle(.tick) }
        let messageDue = messageSince.map { $0 + hub.settings.messageSeconds }
        if let messageDue, second >= messageDue { startClosing(.slow) }
        let (step, next) = keepAlive.step(at: second, hub.settings.facts)
        switch step {
        case .wait: break
        case .ping: write(FrameEncoder.ping())
        case .dead: startClosing(.noPong)
        }
        flushIfNeeded()
        if case .closing(let until) = state { return until }
        let soonest = min(next, messageDue ?? next)
        return isEcho ? soonest : min(soonest, machine.deadline ?? soonest)
    }

    // MARK: Out

    /// Bytes that the kernel has not taken.
    var queued: Int { context.map(queuedBytes) ?? 0 }

    /// An event of the user; the buffer is shared with other sockets.
    func push(_ frame: ByteBuffer) {
        if state == .open { write(frame) }
    }

    private func write(_ frame: ByteBuffer) {
        guard let context else { return }
        context.write(wrapOutboundOut(frame), promise: nil)
        needsFlush = true
        hub.meter.wrote(frame.readableBytes)
        queuedAtMost += frame.readableBytes
        if queuedAtMost > maxQueuedBytes { measureQueue(context) }
    }

    /// Gives the kernel what it takes; a reader too slow for the rest is cut.
    private func measureQueue(_ context: ChannelHandlerContext) {
        flushIfNeeded()
        queuedAtMost = queuedBytes(context)
        guard queuedAtMost > maxQueuedBytes else { return }
        hub.gate.note(.slowReader, peer.label, user: attachedTo)
        startClosing(.slow)
    }

    private var maxQueuedBytes: Int {
        isEcho ? 2 * ProtocolLimits.discardedBytes : hub.settings.maxQueuedBytes
    }

    func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    private func startClosing(_ code: CloseCode) {
        guard state == .open else { return }
        hub.meter.closing(code)
        let until = hub.second + 2
        state = .closing(until: until)
        detach()
        if let context {
            let frame = FrameEncoder.close(code.number, code.reason.rawValue)
            context.write(wrapOutboundOut(frame), promise: nil)
            context.flush()
        }
        hub.schedule(key, self, at: until)
    }

    /// Both sides have said close.
    private func closeAfterFlush() {
        guard let context else { return }
        let until = hub.second + 2
        state = .closing(until: until)
        detach()
        hub.schedule(key, self, at: until)
        let done = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        done.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: done)
    }
}
