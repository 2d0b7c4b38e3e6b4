import Glibc
public import MartletStore
import NIOCore
import NIOPosix

/// Serves a store's desk to daemons on a Unix domain socket, from an event loop of its own.
public final class CompactionServer: Sendable {
    private let path: String
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    /// Listens at `path`, which is removed first if a dead server left it. The store's process must
    /// be the only one that does so: whoever has the store open is.
    ///
    /// - Parameter build: for daemons' logs.
    /// - Throws: `CompactionSocketError` if the socket cannot be had.
    public init(_ store: Store, path: String, build: String) async throws {
        self.path = path
        let descriptor = try CompactionSocket.bind(path)
        let lease = UInt32(clamping: store.options.daemonLease / 1_000)
        let host = DeskSession.Host(
            desk: store.desk, store: store.id, leaseMilliseconds: lease, build: build)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.group = group
        do {
            channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 64)
                .childChannelOption(
                    .writeBufferWaterMark, value: .init(low: 1 << 20, high: 32 << 20)
                )
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DeskHandler(host))
                    }
                }
                .withBoundSocket(descriptor).get()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Closes the socket and all connections, and removes the socket's file.
    public func close() async {
        try? await channel.close()
        unlink(path)
        try? await group.shutdownGracefully()
    }
}
