package import NIOCore
import NIOHTTP1

/// The handlers of a new connection.
package enum HTTPPipeline {
    /// Call it on the channel's loop.
    package static func add(to channel: any Channel, _ site: HTTPHandler.Site) throws {
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
            decoder, encoder, HTTPHandler(site: site, httpHandlers: [decoder, encoder]),
        ])
    }
}
