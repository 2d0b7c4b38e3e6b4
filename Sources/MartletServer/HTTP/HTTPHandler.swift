package import NIOCore
package import NIOHTTP1

/// HTTP/1.1 on one connection: files, health, and the way to a WebSocket.
package final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler, WheelMember {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundOut = HTTPServerResponsePart

    /// What all connections of a loop share.
    package struct Site {
        package var hub: Hub
        package var files: StaticFiles
        package var allowedOrigins: Set<String>
        /// Whether the store takes writes.
        package var isHealthy: @Sendable () -> Bool

        package init(
            hub: Hub, files: StaticFiles, allowedOrigins: Set<String>,
            isHealthy: @escaping @Sendable () -> Bool
        ) {
            self.hub = hub
            self.files = files
            self.allowedOrigins = allowedOrigins
            self.isHealthy = isHealthy
        }
    }

    static let seconds = 10
    static let maxBodyBytes = 16 << 10

    private let site: Site
    private let httpHandlers: [any RemovableChannelHandler]
    private var context: ChannelHandlerContext?
    private var key: UInt64 = 0
    private var head: HTTPRequestHead?
    private var bodyBytes = 0
    private var deadline = 0
    private var isDone = false
    var nextCheck = 0

    /// - Parameter httpHandlers: what must leave the pipeline when this becomes a WebSocket.
    package init(site: Site, httpHandlers: [any RemovableChannelHandler]) {
        self.site = site
        self.httpHandlers = httpHandlers
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadline = site.hub.second + Self.seconds
        key = site.hub.join(self, checkAt: deadline)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        site.hub.leave(key)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        site.hub.leave(key)
        context.fireChannelInactive()
    }

    func check(at second: Int) -> Int {
        if second >= deadline || site.hub.isDraining { context?.close(promise: nil) }
        return max(deadline, second + 1)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone, let parserError = error as? HTTPParserError else {
            return context.close(promise: nil)
        }
        let tooLarge = parserError == .headerOverflow
        refuse(
            HTTPRefusal(
                tooLarge ? .requestHeaderFieldsTooLarge : .badRequest, "cannot read this request"))
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        switch unwrapInboundIn(data) {
        case .head(let newHead):
            head = newHead
            bodyBytes = 0
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > Self.maxBodyBytes { refuse(HTTPRefusal(.payloadTooLarge, "too large")) }
        case .end:
            guard let complete = head else { return }
            head = nil
            serve(complete)
        }
    }

    private func serve(_ head: HTTPRequestHead) {
        let path = head.uri.prefix { $0 != "?" }
        if path == "/v1/socket" {
            do {
                upgrade(
                    accept: try UpgradeRequest.check(head, allowedOrigins: site.allowedOrigins))
            } catch {
                refuse(error)
            }
            return
        }
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

    private func serve(_ file: StaticFiles.File, to head: HTTPRequestHead) {
        let (etag, encoding, bytes) = file.form(
            accepting: head.headers[canonicalForm: "accept-encoding"])
        var headers = HTTPHeaders(StaticFiles.headers)
        headers.add(name: "ETag", value: etag)
        headers.add(name: "Vary", value: "Accept-Encoding")
        let known = head.headers[canonicalForm: "if-none-match"]
        if known.contains(where: { $0 == etag || $0 == "W/" + etag || $0 == "*" }) {
            return write(.notModified, headers, nil, to: head)
        }
        headers.add(name: "Content-Type", value: file.contentType)
        if let encoding { headers.add(name: "Content-Encoding", value: encoding) }
        write(.ok, headers, bytes, to: head)
    }

    private func respond(to head: HTTPRequestHead, _ status: HTTPResponseStatus, _ text: String) {
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        ]
        write(status, headers, ByteBuffer(string: text), to: head)
    }

    private func write(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer?,
        to head: HTTPRequestHead
    ) {
        guard let context else { return }
        var headers = headers
        // The parser stops behind any request with an Upgrade header.
        let keepAlive =
            head.isKeepAlive && !site.hub.isDraining && !head.headers.contains(name: "upgrade")
        if let body {
            headers.add(name: "Content-Length", value: String(body.readableBytes))
        }
        headers.add(name: "Connection", value: keepAlive ? "keep-alive" : "close")
        let answer = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        if let body, head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        deadline = site.hub.second + Self.seconds
        finish(context, thenClose: !keepAlive)
    }

    private func refuse(_ refusal: HTTPRefusal) {
        guard let context, !isDone else { return }
        let body = ByteBuffer(string: refusal.message + "\n")
        var headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": String(body.readableBytes), "X-Content-Type-Options": "nosniff",
        ]
        for (name, value) in refusal.headers { headers.add(name: name, value: value) }
        if !headers.contains(name: "Connection") { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: refusal.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        finish(context, thenClose: true)
    }

    private func finish(_ context: ChannelHandlerContext, thenClose: Bool) {
        guard thenClose else {
            return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        isDone = true
        let channel = context.channel
        let done = context.eventLoop.makePromise(of: Void.self)
        done.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
    }

    /// Answers 101 and makes the channel a WebSocket.
    private func upgrade(accept: String) {
        guard let context else { return }
        isDone = true
        let head = HTTPResponseHead(
            version: .http1_1, status: .switchingProtocols,
            headers: [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept,
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(SocketHandler(hub: site.hub), position: .last)
        } catch {
            return context.close(promise: nil)
        }
        // This handler first: bytes the decoder has left over are for the socket.
        _ = pipeline.removeHandler(self)
        for handler in httpHandlers { _ = pipeline.removeHandler(handler) }
    }
}
