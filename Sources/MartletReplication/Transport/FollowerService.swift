package import MartletStore
import NIOCore
import NIOPosix
package import NIOSSL

/// A follower with its sockets: a thin shell around `FollowerMachine`.
///
/// `@unchecked Sendable`: everything that changes is touched on `loop` alone, the one event loop
/// of all connections; the store is worked on `disk`, a pool of one thread, and its outcomes come
/// back to the loop.
package final class FollowerService: @unchecked Sendable {
    /// A primary that may be followed.
    package struct Address: Sendable, Equatable {
        package var host: String
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// How it stands.
    package struct Status: Sendable {
        package var state: String
        package var follower: FollowerState
        package var primary: PrimaryPosition?
        package var seeds: Int
    }

    let addresses: [Address]
    let tls: NIOSSLContext?
    let storage: any FollowerStorage
    let environment: Environment
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop: any EventLoop
    let disk = NIOThreadPool(numberOfThreads: 1)
    let notice: @Sendable (String) -> Void
    var machine: FollowerMachine
    var channels: [Int: any Channel] = [:]
    var isStopped = false
    private var told: (leader: TermID, holds: Bool)?

    /// - Parameter tls: `nil` for plain TCP, which is for tests.
    package init(
        _ settings: FollowerMachine.Settings, addresses: [Address], tls: NIOSSLContext?,
        storage: any FollowerStorage, environment: Environment,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.addresses = addresses
        self.tls = tls
        self.storage = storage
        self.environment = environment
        self.notice = notice
        loop = group.next()
        machine = FollowerMachine(
            settings, storage.state(), random: environment.random.next())
    }

    var now: UInt64 { environment.clock.monotonicNanoseconds() }

    package func start() {
        disk.start()
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(50)) { task in
            if self.isStopped { return task.cancel() }
            self.perform(self.machine.tick(now: self.now))
        }
    }

    /// Follows nobody any more; returns when the store's last work is done.
    package func stop() async {
        try? await loop.submit {
            guard !self.isStopped else { return }
            self.perform(self.machine.stop())
            self.isStopped = true
        }.get()
        try? await disk.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    package func status() async throws -> Status {
        try await loop.submit {
            Status(
                state: self.machine.stateName, follower: self.machine.state,
                primary: self.machine.primary, seeds: self.machine.seeds)
        }.get()
    }

    func perform(_ actions: [FollowerMachine.Action]) {
        for action in actions {
            switch action {
            case .connect(let connection, let address): connect(connection, addresses[address])
            case .send(let connection, let frame):
                channels[connection]?.writeAndFlush(frame.frame(), promise: nil)
            case .close(let connection):
                channels.removeValue(forKey: connection)?.close(promise: nil)
            case .work(let work): perform(work)
            case .notice(let text): notice(text)
            }
        }
        noteWhatIsSeen()
    }

    /// Keeps what the followed primary says of its readers, once it is promised to.
    private func noteWhatIsSeen() {
        guard let following = machine.following, following.phase != .promising,
            let holds = machine.primary?.showsReplicatedOnly
        else { return }
        if let told, told == (following.leader, holds) { return }
        told = (following.leader, holds)
        let storage = storage
        disk.submit { state in
            if case .active = state { storage.note(holdsWhatWasSeen: holds) }
        }
    }

    private func perform(_ work: FollowerWork) {
        let (storage, loop) = (storage, loop)
        disk.submit { state in
            guard case .active = state else { return }
            let outcome = storage.perform(work)
            loop.execute { self.perform(self.machine.finished(outcome, now: self.now)) }
        }
    }

    private func connect(_ connection: Int, _ address: Address) {
        ClientBootstrap(group: loop)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try self.prepare(channel, connection, address)
                }
            }
            .connect(host: address.host, port: address.port)
            .whenFailure { _ in self.ended(connection) }
    }

    private func prepare(
        _ channel: any Channel, _ connection: Int, _ address: Address
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            let isNumeric = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
            try pipeline.addHandler(
                NIOSSLClientHandler(
                    context: tls, serverHostname: isNumeric ? nil : address.host))
        }
        let handler = FrameHandler(
            reads: .shipperToFollower, writes: .followerToShipper, isSecure: tls != nil
        ) { event in self.handle(event, connection) }
        try pipeline.addHandler(handler)
        channels[connection] = channel
    }

    private func handle(_ event: FrameHandler.Event, _ connection: Int) {
        switch event {
        case .ready: perform(machine.connected(connection, now: now))
        case .frame(let frame):
            do throws(FrameError) {
                perform(machine.receive(try ShipperFrame(frame), from: connection, now: now))
            } catch {
                perform(machine.receive(error, from: connection, now: now))
            }
        case .bad(let error):
            perform(machine.receive(error, from: connection, now: now))
        case .closed: ended(connection)
        }
    }

    private func ended(_ connection: Int) {
        channels[connection] = nil
        perform(machine.disconnected(connection, now: now))
    }
}
