import Glibc
import MartletStore
import NIOCore
import NIOPosix

/// The server's end of the link to its shipper: one Unix socket, one shipper at a time.
///
/// `@unchecked Sendable`: everything that changes is touched on `loop` alone, the one event loop of
/// the socket and of the shipper's connection; what blocks runs on `disk` and `seeds`.
package final class LinkService: @unchecked Sendable {
    private let path: String
    private let storage: any PrimaryStorage
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: any EventLoop
    private let disk = NIOThreadPool(numberOfThreads: 1)
    /// A checkpoint takes its time, and nobody is to be deposed only when it is done.
    private let seeds = NIOThreadPool(numberOfThreads: 1)
    private let notice: @Sendable (String) -> Void
    private let wake: LinkWake
    private var listener: (any Channel)?
    /// The shipper that has attached.
    private var shipper: (any Channel)?
    /// A state is on its way to the shipper, and another one has come meanwhile.
    private var isTelling = false
    private var hasNews = false
    private var isStopped = false

    /// - Parameter path: of the socket, at most 107 bytes.
    package init(
        _ path: String, storage: any PrimaryStorage,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.path = path
        self.storage = storage
        self.notice = notice
        loop = group.next()
        wake = LinkWake()
    }

    /// Listens. A socket that another process left is replaced: the store's lock says that there
    /// is no other server.
    package func start() async throws {
        disk.start()
        seeds.start()
        unlink(path)
        let before = umask(0o177)
        defer { umask(before) }
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = FrameHandler(
                        reads: .shipperToServer, writes: .serverToShipper, isSecure: false
                    ) { event in self.handle(event, channel) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(unixDomainSocketPath: path).get()
        try await loop.submit { self.listener = listener }.get()
        let (wake, loop) = (wake, loop)
        storage.listen {
            guard wake.begin() else { return }
            loop.execute {
                wake.end()
                self.tell()
            }
        }
    }

    package func stop() async {
        storage.listen(nil)
        try? await loop.submit {
            self.isStopped = true
            self.listener?.close(promise: nil)
            self.shipper?.close(promise: nil)
        }.get()
        unlink(path)
        try? await disk.shutdownGracefully()
        try? await seeds.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    /// Sends how the store stands now. What changes while a shipper does not read is sent when it
    /// does, and of that only the newest: a write may wait for followers to have heard of it.
    private func tell() {
        guard let shipper else { return }
        hasNews = isTelling
        if isTelling { return }
        isTelling = true
        shipper.writeAndFlush(ServerFrame.state(storage.state()).frame()).whenComplete { _ in
            guard self.shipper === shipper else { return }
            self.isTelling = false
            if self.hasNews { self.tell() }
        }
    }

    private func handle(_ event: FrameHandler.Event, _ channel: any Channel) {
        switch event {
        case .ready: return
        case .frame(let frame):
            do throws(FrameError) {
                handle(try LinkReport(frame), channel)
            } catch {
                notice("the shipper's frame was refused: \(error)")
                channel.close(promise: nil)
            }
        case .bad(let error):
            notice("the shipper's bytes were refused: \(error)")
            channel.close(promise: nil)
        case .closed:
            guard shipper === channel else { return }
            shipper = nil
            if !isStopped { notice("the shipper is gone") }
            background { $0.shipperIsGone() }
        }
    }

    private func handle(_ report: LinkReport, _ channel: any Channel) {
        if case .attach(let version, let store) = report {
            return attach(version, store, channel)
        }
        guard shipper === channel else { return channel.close(promise: nil) }
        switch report {
        case .attach: return
        case .follower(let position): background { $0.follower(position) }
        case .deposed(let term):
            notice("this store is deposed by term \(term)")
            background { $0.depose(by: term) }
        case .seedWanted(let seed): makeSeed(seed, channel)
        case .seedDone(let seed): background(on: seeds) { $0.dropSeed(seed) }
        }
    }

    private func attach(_ version: UInt16, _ store: StoreID, _ channel: any Channel) {
        let state = storage.state()
        guard version == FollowerHello.version, store == state.storeID else {
            let code: Refusal.Code = version == FollowerHello.version ? .wrongStore : .version
            let refusal = Refusal(code, state.history.currentID, "the store is \(state.storeID)")
            channel.writeAndFlush(ServerFrame.refused(refusal).frame(), promise: nil)
            return channel.close(promise: nil)
        }
        if let shipper, shipper !== channel {
            shipper.close(promise: nil)
            background { $0.shipperIsGone() }
        }
        shipper = channel
        isTelling = false
        notice("a shipper is there")
        tell()
    }

    private func makeSeed(_ seed: UInt64, _ channel: any Channel) {
        let loop = loop
        background(on: seeds) { storage in
            let result = Result { () throws(StoreError) in try storage.makeSeed(seed) }
            loop.execute {
                let frame: ServerFrame
                switch result {
                case .success(let path): frame = .seedMade(seed: seed, path: path)
                case .failure(let error):
                    frame = .seedFailed(seed: seed, message: "\(error)")
                }
                channel.writeAndFlush(frame.frame(), promise: nil)
            }
        }
    }

    private func background(
        on pool: NIOThreadPool? = nil, _ body: @escaping @Sendable (any PrimaryStorage) -> Void
    ) {
        let storage = storage
        (pool ?? disk).submit { state in
            if case .active = state { body(storage) }
        }
    }
}
