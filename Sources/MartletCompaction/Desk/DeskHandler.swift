import MartletStore
import NIOCore

/// One connection of a daemon: bytes in and out around a `DeskSession`. Loop-confined.
final class DeskHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a daemon may take to say who it is.
    static let helloSeconds: Int64 = 10

    private let host: DeskSession.Host
    private var session: DeskSession?
    private var reader = FrameReader(.ofDaemons)
    private var deadline: Scheduled<Void>?

    init(_ host: DeskSession.Host) { self.host = host }

    func channelActive(context: ChannelHandlerContext) {
        let (loop, channel) = (context.eventLoop, context.channel)
        let own = NIOLoopBound((self, context), eventLoop: loop)
        session = DeskSession(host) {
            loop.execute {
                let (handler, context) = own.value
                handler.perform(handler.session?.news() ?? [], context)
            }
        }
        deadline = loop.scheduleTask(in: .seconds(Self.helloSeconds)) {
            channel.close(promise: nil)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data).readableBytesView)
        do throws(FrameError) {
            while session != nil, let frame = try reader.next() {
                perform(session?.received(try DaemonFrame(frame)) ?? [], context)
                if session?.isGreeted == true { deadline?.cancel() }
            }
        } catch {
            perform(session?.received(error) ?? [], context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        session?.end()
        session = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func perform(_ actions: [DeskSession.Action], _ context: ChannelHandlerContext) {
        guard !actions.isEmpty, context.channel.isActive else { return }
        for action in actions {
            switch action {
            case .send(let frame): write(frame, context)
            case .refuse(let refusal, let text):
                write(.refused(refusal, text), context)
                session?.end()
                session = nil
                context.flush()
                return context.close(promise: nil)
            }
        }
        context.flush()
        // Who asks and does not read is cut off before its answers pile up.
        if !context.channel.isWritable { context.close(promise: nil) }
    }

    private func write(_ frame: ServerFrame, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(ByteBuffer(bytes: frame.encoded)), promise: nil)
    }
}
