import MartletChat
package import NIOCore

/// One WebSocket: bytes in and out around a `SessionStateMachine`. It decides nothing about the
/// session itself.
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
    private let queuedBytes: (ChannelHandlerContext) -> Int
    private var machine: SessionStateMachine
    private var reader = MessageReader()
    private var leftover: ByteBuffer?
    private var keepAlive: KeepAlive
    private var context: ChannelHandlerContext?
    private var state = State.open
    private var needsFlush = false
    private var hasRead = false
    /// Written since the queue was last measured, plus what it held then.
    private var queuedAtMost = 0
    private var attachedTo: UserID?
    private(set) var token: String?
    private(set) var key: UInt64 = 0
    var nextCheck = 0

    /// - Parameter queuedBytes: what the channel holds that the kernel has not taken.
    package init(
        hub: Hub,
        queuedBytes: @escaping (ChannelHandlerContext) -> Int = SocketHandler.bufferedBytes
    ) {
        self.hub = hub
        self.queuedBytes = queuedBytes
        machine = SessionStateMachine(epoch: hub.port.epoch, second: hub.second)
        keepAlive = KeepAlive(second: hub.second)
    }

    /// The channel's own count.
    package static func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: Life

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        key = hub.join(self, checkAt: machine.deadline ?? hub.second)
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
        if !hasRead {
            // What the HTTP decoder had left over comes without a read completing behind it.
            hasRead = true
            flushIfNeeded()
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded()
    }

    private func receive(_ event: MessageReader.Event) {
        switch event {
        case .text(let payload):
            guard state == .open else { return }
            let start = HubMeter.now()
            let frame = payload.withUnsafeReadableBytes(Self.parse)
            hub.meter.received(frame)
            handle(.frame(frame))
            hub.meter.took(.read, since: start)
        case .binary:
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
        handle(.frame(.failure(FrameFault(kind: kind, message: message, id: nil))))
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
            let build = hub.settings.build
            hub.meter.answered(answer.frame)
            write(FrameEncoder.text { answer.write(to: &$0, build: build) })
        case .call(let ticket, let call):
            hub.perform(call, socket: key, ticket: ticket)
        case .attach(let user, let token):
            detach()
            attachedTo = user
            self.token = token
            hub.attach(self, to: user)
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
        handle(.tick)
        let (step, next) = keepAlive.step(at: second)
        switch step {
        case .wait: break
        case .ping: write(FrameEncoder.ping())
        case .dead: startClosing(.noPong)
        }
        flushIfNeeded()
        if case .closing(let until) = state { return until }
        return min(next, machine.deadline ?? next)
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
        if queuedAtMost > hub.settings.maxQueuedBytes { measureQueue(context) }
    }

    /// Gives the kernel what it takes; a reader too slow for the rest is cut.
    private func measureQueue(_ context: ChannelHandlerContext) {
        flushIfNeeded()
        queuedAtMost = queuedBytes(context)
        if queuedAtMost > hub.settings.maxQueuedBytes { startClosing(.slow) }
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
