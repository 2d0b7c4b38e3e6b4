import MartletStore
import Testing

@testable import MartletReplication

@Suite("The link between a server and its shipper") struct LinkTests {
    /// A primary whose checkpoint is not done before it is deposed.
    ///
    /// `@unchecked Sendable`: `deposed` is touched under `monitor` only.
    private final class SlowPrimary: PrimaryStorage, @unchecked Sendable {
        private let monitor = Monitor()
        private var deposed: TermID?
        private let history: TermHistory

        init() throws {
            history = try TermHistory([
                Term(epoch: 1, incarnation: 5, firstSequence: 1, keepsCursors: false)
            ])
        }

        func state() -> PrimaryState {
            PrimaryState(
                storeID: ModelStore.id, history: history, segment: 1, offset: 0,
                nextSequence: 1, nextTree: 1, replicas: 0, isDeposed: false)
        }

        func makeSeed(_ seed: UInt64) throws(StoreError) -> String {
            let isDeposed = monitor.withLock { () -> Bool in
                for _ in 0..<300 where deposed == nil { monitor.wait(microseconds: 100_000) }
                return deposed != nil
            }
            guard isDeposed else { throw StoreError(.io, "nobody has deposed this store") }
            return "/seeds/\(seed)"
        }

        func depose(by term: TermID) {
            monitor.withLock {
                deposed = term
                monitor.broadcast()
            }
        }

        func listen(_ wake: (@Sendable () -> Void)?) {}
        func follower(_ position: FollowerPosition) {}
        func shipperIsGone() {}
        func dropSeed(_ seed: UInt64) {}
    }

    @Test("A server is deposed while a checkpoint is being made")
    func deposedBesideSeed() async throws {
        let path = try LinkClient.makePath()
        let notices = Notices()
        let link = LinkService(path, storage: try SlowPrimary()) { notices.add($0) }
        try await link.start()
        let client = try await LinkClient(path)
        let reports: [LinkReport] = [
            .attach(version: FollowerHello.version, storeID: ModelStore.id), .seedWanted(3),
            .deposed(TermID(epoch: 2, incarnation: 9)),
        ]
        for report in reports { try await client.send(report) }
        var made: ServerFrame?
        for await answer in client.answers {
            if case .state = answer { continue }
            made = answer
            break
        }
        #expect(made == .seedMade(seed: 3, path: "/seeds/3"), "\(notices.all)")
        try await client.close()
        await link.stop()
    }
}
