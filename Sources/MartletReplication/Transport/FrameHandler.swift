import MartletStore
import NIOCore

/// Frames on one channel: bytes to frames on the way in, frames to bytes on the way out. Used on
/// the channel's event loop.
final class FrameHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Never
    typealias OutboundIn = Frame
    typealias OutboundOut = ByteBuffer

    /// What the owner is told, in order.
    enum Event {
        /// The connection is there; over TLS: the handshake is done.
        case ready
        case frame(Frame)
        /// Bytes that are no frame. Nothing is read any more.
        case bad(FrameError)
        case closed
    }

    private var reader: FrameReader
    private let lane: FrameLane
    private let isSecure: Bool
    private var written: UInt64 = 0
    private var hasFailed = false
    private var hasEnded = false
    private let report: (Event) -> Void

    /// - Parameters:
    ///   - reads, writes: the lanes in and out.
    ///   - isSecure: whether a TLS handler in front says when the connection is ready.
    init(
        reads: FrameLane, writes: FrameLane, isSecure: Bool, report: @escaping (Event) -> Void
    ) {
        reader = FrameReader(reads)
        lane = writes
        self.isSecure = isSecure
        self.report = report
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isSecure { report(.ready) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isSecure, TLSSetup.isHandshakeDone(event) { report(.ready) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        let buffer = unwrapInboundIn(data)
        reader.append(buffer.readableBytesView)
        do throws(FrameError) {
            while !hasEnded, let frame = try reader.next() { report(.frame(frame)) }
        } catch {
            hasFailed = true
            report(.bad(error))
        }
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        let bytes = unwrapOutboundIn(data).encoded(lane, number: written)
        written += 1
        context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Of TLS, or of the socket: the peer is gone, or is not whom we talk to.
        end()
        context.close(promise: nil)
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        report(.closed)
    }
}
