import MartletStore
import Testing

@testable import MartletReplication

@Suite("What a shipper is told of its server") struct LinkStateTests {
    /// A primary that is written to. Its history is long, so that few states fill a socket.
    ///
    /// `@unchecked Sendable`: what changes is touched under `monitor` only.
    private final class BusyPrimary: PrimaryStorage, @unchecked Sendable {
        private let monitor = Monitor()
        private var wake: (@Sendable () -> Void)?
        private var last: UInt64 = 0
        private var told: UInt64 = 0
        private let history: TermHistory

        init() throws {
            history = try TermHistory(
                (1...500).map {
                    Term(epoch: $0, incarnation: 5, firstSequence: 1, keepsCursors: false)
                })
        }

        func state() -> PrimaryState {
            let next = monitor.withLock { () -> UInt64 in
                told = last
                monitor.broadcast()
                return last + 1
            }
            return PrimaryState(
                storeID: ModelStore.id, history: history, segment: 1, offset: 0,
                nextSequence: next, nextTree: 1, replicas: 0, isDeposed: false)
        }

        /// Gives the link a moment to tell it: a pace, and no more.
        func write() {
            let (wake, written) = monitor.withLock { () -> ((@Sendable () -> Void)?, UInt64) in
                last += 1
                return (self.wake, last)
            }
            wake?()
            monitor.withLock { if told < written { monitor.wait(microseconds: 5_000) } }
        }

        func listen(_ wake: (@Sendable () -> Void)?) { monitor.withLock { self.wake = wake } }
        func makeSeed(_ seed: UInt64) throws(StoreError) -> String { "/seeds/\(seed)" }
        func depose(by term: TermID) {}
        func follower(_ position: FollowerPosition) {}
        func shipperIsGone() {}
        func dropSeed(_ seed: UInt64) {}
    }

    @Test(
        "What was written while it did not read, it is told when it reads",
        .timeLimit(.minutes(5)))
    func slowShipper() async throws {
        let primary = try BusyPrimary()
        let path = try LinkClient.makePath()
        let link = LinkService(path, storage: primary) { _ in }
        try await link.start()
        let client = try await LinkClient(path)
        try await client.setReads(false)
        try await client.send(.attach(version: FollowerHello.version, storeID: ModelStore.id))
        for _ in 0..<200 { primary.write() }
        try await client.setReads(true)
        for await case .state(let state) in client.answers where state.nextSequence == 201 { break }
        try await client.close()
        await link.stop()
    }
}
