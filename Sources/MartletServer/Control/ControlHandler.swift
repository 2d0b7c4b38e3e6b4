import NIOCore
import NIOHTTP1

/// One connection to the control socket: one request, one answer, closed.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let bodyBytesMax = 64 << 10
    /// How long a request may take to arrive.
    static let seconds: Int64 = 10

    private let router: ControlRouter
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isDone = false
    private var deadline: Scheduled<Void>?

    init(_ router: ControlRouter) { self.router = router }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: .seconds(Self.seconds)) {
            channel.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone, error is HTTPParserError else { return context.close(promise: nil) }
        finish(context, ControlAnswer(.badRequest("cannot read this request")))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        switch unwrapInboundIn(data) {
        case .head(let newHead):
            head = newHead
        case .body(let bytes):
            guard body.count + bytes.readableBytes <= Self.bodyBytesMax else {
                return finish(
                    context, ControlAnswer(ControlFault(413, "too_large", "64 KiB at most")))
            }
            body += bytes.readableBytesView
        case .end:
            guard let head else { return }
            serve(head, context)
        }
    }

    private func serve(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        isDone = true
        guard
            let request = ControlRequest(
                method: head.method.rawValue, target: head.uri, body: body)
        else { return finish(context, ControlAnswer(.badRequest("cannot read this path"))) }
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        router.answer(request) { answer in
            loop.execute {
                let (handler, context) = bound.value
                handler.finish(context, answer)
            }
        }
    }

    private func finish(_ context: ChannelHandlerContext, _ answer: ControlAnswer) {
        isDone = true
        deadline?.cancel()
        let channel = context.channel
        guard channel.isActive else { return }
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: answer.status),
            headers: [
                "Content-Type": answer.contentType, "Content-Length": String(answer.body.count),
                "Cache-Control": "no-store", "Connection": "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(
            wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        let done = context.eventLoop.makePromise(of: Void.self)
        done.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
    }
}
