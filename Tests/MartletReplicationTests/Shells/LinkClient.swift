import Glibc
import MartletStore
import NIOCore
import NIOPosix

@testable import MartletReplication

/// A shipper's end of the link to a server, as a test has it in hand.
struct LinkClient {
    let answers: AsyncStream<ServerFrame>
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel

    /// A place for a socket.
    static func makePath() throws -> String {
        var template = Array("/tmp/martlet-link-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError(.io, "no directory") }
        let bytes = template.dropLast().map(UInt8.init(bitPattern:))
        return String(decoding: bytes, as: UTF8.self) + "/replication.sock"
    }

    init(_ path: String) async throws {
        let (answers, continuation) = AsyncStream.makeStream(of: ServerFrame.self)
        self.answers = answers
        channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = FrameHandler(
                        reads: .serverToShipper, writes: .shipperToServer, isSecure: false
                    ) { event in
                        switch event {
                        case .frame(let frame):
                            if let answer = try? ServerFrame(frame) { continuation.yield(answer) }
                        case .closed: continuation.finish()
                        case .ready, .bad: return
                        }
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(unixDomainSocketPath: path).get()
    }

    func send(_ report: LinkReport) async throws {
        try await channel.writeAndFlush(report.frame()).get()
    }

    func setReads(_ reads: Bool) async throws {
        try await channel.setOption(.autoRead, value: reads).get()
    }

    func close() async throws {
        try await channel.close().get()
        try await group.shutdownGracefully()
    }
}
