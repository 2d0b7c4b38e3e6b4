package import NIOCore
package import NIOHTTP1

/// HTTP/1.1 on one connection: files, health, the door for single requests and polls, and the way
/// to a WebSocket. One request at a time: one that comes before the last is answered is not served.
package final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler, WheelMember {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundOut = HTTPServerResponsePart

    static let maxBodyBytes = 16 << 10

    let site: Site
    let peer: Peer
    /// The parser and the writer in front of this handler; none while a poll is parked.
    private var codec: [any HTTPPipeline.Codec]
    private(set) var context: ChannelHandlerContext?
    private(set) var key: UInt64 = 0
    private var head: HTTPRequestHead?
    /// Gathered for the door, counted for everything else.
    private var body = ByteBuffer()
    private var bodyBytes = 0
    /// Of the request that is served, if a page of another origin may read its answer.
    private(set) var crossOrigin: String?
    /// The request to the door whose answer is owed.
    var open: OpenRequest?
    var requests: UInt32 = 0
    var deadline = 0
    /// Nothing is read any more.
    var isDone = false
    /// A request came too early: nothing is read, and the connection ends behind the answer owed.
    var endsBehindAnswer = false
    var nextCheck = 0

    /// - Parameter codec: in the pipeline before this handler; it goes when a socket takes over.
    init(site: Site, peer: Peer, codec: [any HTTPPipeline.Codec]) {
        self.site = site
        self.peer = peer
        self.codec = codec
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadline = site.hub.second + site.deadlines.head
        key = site.hub.join(self, checkAt: deadline)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        ended()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    private func ended() {
        context = nil
        dropOpenRequest()
        site.hub.leave(key)
        if !isUpgraded { site.hub.gate.close(peer) }
    }

    /// Whether the connection is a socket's now, and its place in the counts too.
    var isUpgraded = false

    func check(at second: Int) -> Int {
        if let open { return tick(open, at: second) }
        if second >= deadline || site.hub.isDraining { abort() }
        return max(deadline, second + 1)
    }

    /// Closes at once, without a word.
    func abort() {
        context?.close(promise: nil)
    }

    func expect(within seconds: Int) {
        deadline = site.hub.second + seconds
        if deadline < nextCheck { site.hub.schedule(key, self, at: deadline) }
    }

    // MARK: In

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone, open == nil, let parserError = error as? HTTPParserError else {
            return context.close(promise: nil)
        }
        peer.begin()
        crossOrigin = nil
        site.hub.gate.note(.badRequest, peer.requestLabel)
        let tooLarge = parserError == .headerOverflow
        refuse(
            HTTPRefusal(
                tooLarge ? .requestHeaderFieldsTooLarge : .badRequest, "cannot read this request"))
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone, !endsBehindAnswer else { return }
        guard !codec.isEmpty else {
            // Raw bytes, behind a parked poll.
            endsBehindAnswer = true
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let newHead):
            guard open == nil, context.channel.isWritable else {
                endsBehindAnswer = true
                return
            }
            begin(newHead)
        case .body(let bytes):
            if let head { gather(bytes, for: head) }
        case .end:
            guard let complete = head else { return }
            head = nil
            serve(complete)
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if endsBehindAnswer, open == nil, !isDone, context.channel.isWritable { abort() }
        context.fireChannelWritabilityChanged()
    }

    private func begin(_ newHead: HTTPRequestHead) {
        head = newHead
        body = ByteBuffer()
        bodyBytes = 0
        peer.begin(given: RequestID.accepted(newHead.headers["x-request-id"]))
        crossOrigin = nil
        expect(within: site.deadlines.body)
        do throws(HTTPRefusal) {
            try RequestHeadCheck.check(newHead)
            let isSocket = Self.path(newHead) == "/v1/socket"
            guard
                site.hub.gate.identify(
                    peer, forwarded: newHead.headers[canonicalForm: "x-forwarded-for"],
                    countsConnection: isSocket)
            else { throw HTTPRefusal(.tooManyRequests, "too many connections") }
            if DoorRequest.Path(Self.path(newHead)) != nil {
                crossOrigin = CrossOrigin.origin(of: newHead, allowed: site.allowedOrigins)
                try DoorRequest.check(newHead, allowedOrigins: site.allowedOrigins)
            }
        } catch {
            refuse(error)
        }
    }

    static func path(_ head: HTTPRequestHead) -> Substring { head.uri.prefix { $0 != "?" } }

    private func gather(_ bytes: ByteBuffer, for head: HTTPRequestHead) {
        bodyBytes += bytes.readableBytes
        guard DoorRequest.Path(Self.path(head)) != nil else {
            if bodyBytes > Self.maxBodyBytes { refuse(HTTPRefusal(.payloadTooLarge, "too large")) }
            return
        }
        guard bodyBytes <= ProtocolLimits.frameBytes else {
            return refuse(
                HTTPRefusal(.payloadTooLarge, "body over \(ProtocolLimits.frameBytes) bytes"))
        }
        body.writeImmutableBuffer(bytes)
    }

    private func serve(_ head: HTTPRequestHead) {
        let path = Self.path(head)
        if let door = DoorRequest.Path(path) {
            let whole = body
            body = ByteBuffer()
            return serve(door, whole, head)
        }
        switch path {
        case "/v1/socket": upgrade(head, isEcho: false)
        case "/v1/echo" where site.hasEcho: upgrade(head, isEcho: true)
        default: serve(path, head)
        }
    }

    private func serve(_ path: Substring, _ head: HTTPRequestHead) {
        guard head.method == .GET || head.method == .HEAD else {
            return refuse(HTTPRefusal(.methodNotAllowed, "GET or HEAD", ["Allow": "GET, HEAD"]))
        }
        switch path {
        case "/healthz":
            respond(to: head, .ok, "ok\n")
        case "/readyz":
            let isReady = !site.hub.isDraining && site.isHealthy()
            respond(
                to: head, isReady ? .ok : .serviceUnavailable, isReady ? "ready\n" : "not ready\n")
        default:
            if let file = site.files[path] {
                serve(file, to: head)
            } else {
                respond(to: head, .notFound, "not found\n")
            }
        }
    }

    /// Answers 101 and makes the channel a WebSocket.
    private func upgrade(_ head: HTTPRequestHead, isEcho: Bool) {
        let accept: String
        do throws(HTTPRefusal) {
            accept = try UpgradeRequest.check(head, allowedOrigins: site.allowedOrigins)
        } catch {
            return refuse(error)
        }
        guard let context else { return }
        isDone = true
        isUpgraded = true
        let head = HTTPResponseHead(
            version: .http1_1, status: .switchingProtocols,
            headers: [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept,
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let channel = context.channel
        let pipeline = channel.pipeline.syncOperations
        // These first: the socket may have to say goodbye as soon as it is there, and the encoder
        // takes answers only. Bytes that the decoder has left over come when this call is over.
        _ = pipeline.removeHandler(self)
        for handler in codec { _ = pipeline.removeHandler(handler) }
        do {
            try pipeline.addHandler(
                SocketHandler(hub: site.hub, peer: peer, isEcho: isEcho), position: .last)
        } catch {
            site.hub.gate.close(peer)
            channel.close(promise: nil)
        }
    }

    // MARK: Parking

    /// Takes the codec out of the pipeline: a parked poll is as small as an idle socket.
    func removeCodec() {
        guard let context, !codec.isEmpty else { return }
        let handlers = codec
        codec = []
        for handler in handlers { _ = context.pipeline.syncOperations.removeHandler(handler) }
    }

    /// Puts a codec where `removeCodec` took one out.
    func restoreCodec() {
        guard let context, codec.isEmpty else { return }
        codec = HTTPPipeline.makeCodec()
        do {
            try context.pipeline.syncOperations.addHandlers(codec, position: .before(self))
        } catch {
            context.close(promise: nil)
        }
    }
}
