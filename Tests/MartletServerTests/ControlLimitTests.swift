import Foundation
import MartletServer
import NIOCore
import NIOPosix
import Testing

@Suite("Too many connections to the control socket", .timeLimit(.minutes(1)))
struct ControlLimitTests {
    private func connect(_ path: String) async throws -> any Channel {
        try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .connect(unixDomainSocketPath: path).get()
    }

    /// Asks until there is an answer, some seconds.
    private func status(_ path: String) async throws -> Int? {
        for _ in 0..<500 {
            if let answer = try? ControlClient.ask(path, "GET", "/nothing") { return answer.status }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    @Test("one more than it serves is closed, and an end makes room")
    func cap() async throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-\(UUID().uuidString.prefix(8)).sock").path
        let server = ControlServer(
            configuration: .init(socket: path), router: ControlRouter([]), logger: Gate.silence)
        let running = Task { try await server.run() }
        #expect(try await status(path) == 404)
        var taken: [any Channel] = []
        for _ in 0...ControlServer.connectionsMost { taken.append(try await connect(path)) }
        let (closed, closing) = AsyncStream<Int>.makeStream()
        for (index, channel) in taken.enumerated() {
            channel.closeFuture.whenComplete { _ in closing.yield(index) }
        }
        // By the bound: the deadline of a request would close the first of them. The connection
        // that asked for the status may still have counted when the last but one came.
        let first = await closed.first { _ in true }
        #expect(try #require(first) >= ControlServer.connectionsMost - 1)
        try await taken[0].close()
        #expect(try await status(path) == 404)
        for channel in taken.dropFirst() { channel.close(promise: nil) }
        running.cancel()
        try await running.value
    }
}
