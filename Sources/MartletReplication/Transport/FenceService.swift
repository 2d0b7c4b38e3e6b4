package import MartletStore
import NIOCore
import NIOPosix
package import NIOSSL

/// Asks followers for their promises before a promotion: a thin shell around `PromotionFence`.
///
/// `@unchecked Sendable`: `fence`, `followers` and `continuation` are touched on `loop` alone, the
/// one event loop of all connections; the rest never changes.
package final class FenceService: @unchecked Sendable {
    /// The term that is asked for. Promised by this store before anybody hears of it.
    package let term: TermID
    private let host: String
    private let port: Int
    private let tls: NIOSSLContext?
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: any EventLoop
    private let promise: FollowerOutcome
    private let storeID: StoreID?
    private var fence: PromotionFence
    private var followers: [ObjectIdentifier: UInt64] = [:]
    private var continuation: CheckedContinuation<Void, Never>?

    /// Makes the promise, durably; blocks.
    package init(
        storage: any FollowerStorage, needed: Int, host: String, port: Int,
        tls: NIOSSLContext?, environment: Environment
    ) {
        let state = storage.state()
        let epoch = max(state.promise.epoch, state.history.currentID.epoch) + 1
        let term = Term(
            epoch: epoch, incarnation: max(1, environment.random.next()),
            firstSequence: state.lastSequence + 1, keepsCursors: false)
        var history = TermHistory()
        do throws(StoreError) {
            try history.begin(term)
            // A promise to none but this store itself: what its last primary said goes on.
            let holds = storage.holdsWhatWasSeen
            promise = storage.perform(.promise(history))
            if case .done = promise { storage.note(holdsWhatWasSeen: holds) }
        } catch {
            promise = .failed(error)
        }
        self.term = term.id
        storeID = state.storeID
        self.host = host
        self.port = port
        self.tls = tls
        loop = group.next()
        fence = PromotionFence(
            term: term.id, needed: needed, history: state.history,
            lastSequence: state.lastSequence)
    }

    /// Listens until it is decided, or the time is over.
    package func run(seconds: Int) async throws -> PromotionFence.Outcome {
        if case .failed(let error) = promise { throw error }
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
            }
            .bind(host: host, port: port).get()
        let timer = loop.scheduleTask(in: .seconds(Int64(seconds))) { self.finish() }
        await withCheckedContinuation { continuation in
            loop.execute {
                self.continuation = continuation
                self.lookAtOutcome()
            }
        }
        timer.cancel()
        let outcome = try await loop.submit { self.fence.outcome }.get()
        try? await listener.close().get()
        try? await group.shutdownGracefully()
        return outcome
    }

    private func accept(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        let handler = FrameHandler(
            reads: .followerToShipper, writes: .shipperToFollower, isSecure: tls != nil
        ) { event in self.handle(event, channel) }
        try pipeline.addHandler(handler)
    }

    private func handle(_ event: FrameHandler.Event, _ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        switch event {
        case .ready: return
        case .bad: channel.close(promise: nil)
        case .closed: followers[key] = nil
        case .frame(let frame):
            switch try? FollowerFrame(frame) {
            case .hello(let hello):
                guard hello.storeID == nil || hello.storeID == storeID else {
                    return channel.close(promise: nil)
                }
                followers[key] = hello.follower
                channel.writeAndFlush(ShipperFrame(term, .fence).frame(), promise: nil)
            case .promised(let answer):
                if let follower = followers[key] { _ = fence.receive(answer, from: follower) }
            case .refused(let refusal): _ = fence.receive(refusal)
            default: return
            }
            lookAtOutcome()
        }
    }

    private func lookAtOutcome() {
        if case .waiting = fence.outcome { return }
        finish()
    }

    private func finish() {
        continuation?.resume()
        continuation = nil
    }
}
