package import NIOCore
import NIOHTTP1

/// The handlers of a new connection.
package enum HTTPPipeline {
    /// The far end has too many connections already.
    package struct Full: Error {}

    /// Call it on the channel's loop.
    /// - Throws: `Full`; the channel is to be closed then.
    package static func add(to channel: any Channel, _ site: HTTPHandler.Site) throws {
        guard let peer = site.hub.gate.open(ClientAddress(channel.remoteAddress)) else {
            throw Full()
        }
        let codec = makeCodec()
        let handlers: [any ChannelHandler] =
            codec + [HTTPHandler(site: site, peer: peer, codec: codec)]
        do {
            try channel.pipeline.syncOperations.addHandlers(handlers)
        } catch {
            site.hub.gate.close(peer)
            throw error
        }
    }

    typealias Codec = ChannelHandler & RemovableChannelHandler

    /// A parser and a writer, with the limits of a head.
    static func makeCodec() -> [any Codec] {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8 << 10
        limits.maxHeaderListSize = 16 << 10
        limits.maxHeaderFieldCount = 64
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)
        return [ByteToMessageHandler(decoder), HTTPResponseEncoder()]
    }
}
