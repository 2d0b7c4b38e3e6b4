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
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8 << 10
        limits.maxHeaderListSize = 16 << 10
        limits.maxHeaderFieldCount = 64
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(
                leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
        let encoder = HTTPResponseEncoder()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([
            decoder, encoder,
            HTTPHandler(site: site, peer: peer, httpHandlers: [decoder, encoder]),
        ])
    }
}
