import NIOCore
import NIOHTTP1

/// What a connection writes.
extension HTTPHandler {
    func serve(_ file: StaticFiles.File, to head: HTTPRequestHead) {
        let (etag, encoding, bytes) = file.form(
            accepting: head.headers[canonicalForm: "accept-encoding"])
        var headers = site.guards
        headers.add(name: "Cache-Control", value: "no-cache")
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

    func respond(to head: HTTPRequestHead, _ status: HTTPResponseStatus, _ text: String) {
        write(status, textHeaders, ByteBuffer(string: text), to: head)
    }

    private var textHeaders: HTTPHeaders {
        var headers = site.guards
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        return headers
    }

    /// Whether the connection may live on behind the answer to `head`.
    func keepsAlive(_ head: HTTPRequestHead) -> Bool {
        // The parser stops behind any request with an Upgrade header.
        head.isKeepAlive && !head.headers.contains(name: "upgrade")
    }

    private func write(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer?,
        to head: HTTPRequestHead
    ) {
        write(
            status, headers, body, isHead: head.method == .HEAD, keepAlive: keepsAlive(head))
    }

    func write(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer?,
        isHead: Bool = false, keepAlive: Bool
    ) {
        restoreCodec()
        guard let context, !isDone else { return }
        var headers = headers
        let keepAlive = keepAlive && !site.hub.isDraining && !endsBehindAnswer
        if let body {
            headers.add(name: "Content-Length", value: String(body.readableBytes))
        }
        headers.add(name: "Connection", value: keepAlive ? "keep-alive" : "close")
        headers.add(name: "X-Request-Id", value: "\(peer.request)")
        CrossOrigin.allow(crossOrigin, in: &headers)
        let answer = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        if let body, !isHead {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        expect(within: site.deadlines.idle)
        finish(context, thenClose: !keepAlive)
    }

    /// Says why not, and closes.
    func refuse(_ refusal: HTTPRefusal) {
        guard let context, !isDone else { return }
        if refusal.status == .forbidden { site.hub.gate.note(.originRefused, peer.requestLabel) }
        let body = ByteBuffer(string: refusal.message + "\n")
        var headers = textHeaders
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        headers.add(name: "X-Request-Id", value: "\(peer.request)")
        CrossOrigin.allow(crossOrigin, in: &headers)
        for (name, value) in refusal.headers { headers.add(name: name, value: value) }
        if !headers.contains(name: "Connection") { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: refusal.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        expect(within: site.deadlines.idle)
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
}
