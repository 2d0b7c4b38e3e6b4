package import MartletStore
import NIOCore
import NIOPosix
package import NIOSSL

/// The shipper with its sockets: a thin shell around `Shipper`.
///
/// `@unchecked Sendable`: everything that changes is touched on `loop` alone, which is the one
/// event loop of the listening socket, of every follower's and of the link's; what blocks runs on
/// `disk`, a pool of one thread, and comes back to the loop.
package final class ShipperService: @unchecked Sendable {
    /// Where to listen, and how.
    package struct Configuration: Sendable {
        package var host: String
        package var port: Int
        /// `nil` for plain TCP, which is for tests.
        package var tls: NIOSSLContext?
        /// The server's Unix socket.
        package var socket: String?
        package var session = ShipperSession.Settings()
        /// Followers at once; more are closed.
        package var connectionsMax = 64

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    let configuration: Configuration
    let source: any ShippingSource
    let environment: Environment
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop: any EventLoop
    let disk = NIOThreadPool(numberOfThreads: 1)
    let notice: @Sendable (String) -> Void
    var machine: Shipper
    var channels: [Int: any Channel] = [:]
    var link: (any Channel)?
    private var nextConnection = 1
    private var listener: (any Channel)?
    var isStopped = false

    /// Reads how the store stands; blocks.
    package init(
        _ configuration: Configuration, source: any ShippingSource, environment: Environment,
        notice: @escaping @Sendable (String) -> Void
    ) throws(StoreError) {
        self.configuration = configuration
        self.source = source
        self.environment = environment
        self.notice = notice
        loop = group.next()
        machine = Shipper(
            configuration.session, primary: try source.state(),
            random: environment.random.next())
    }

    var now: UInt64 { environment.clock.monotonicNanoseconds() }
    var wallTime: UInt64 { environment.clock.now() }

    /// Listens, and begins to tick.
    /// - Returns: the port that followers connect to.
    package func start() async throws -> Int {
        disk.start()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
            }
        let listener = try await bootstrap.bind(
            host: configuration.host, port: configuration.port
        ).get()
        try await loop.submit { self.listener = listener }.get()
        loop.scheduleRepeatedTask(initialDelay: .milliseconds(100), delay: .milliseconds(100)) {
            task in
            if self.isStopped { return task.cancel() }
            self.tick()
        }
        loop.execute { self.connectLink() }
        return listener.localAddress?.port ?? configuration.port
    }

    /// Says goodbye to all, and ends.
    package func stop() async {
        try? await loop.submit {
            guard !self.isStopped else { return }
            self.perform(self.machine.stop(now: self.now))
            self.isStopped = true
            self.listener?.close(promise: nil)
            self.link?.close(promise: nil)
            for channel in self.channels.values { channel.close(promise: nil) }
        }.get()
        try? await disk.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    /// How the followers stand.
    package func status() async throws -> (PrimaryState, [FollowerStatus]) {
        try await loop.submit { (self.machine.primary, self.machine.status(now: self.now)) }.get()
    }

    private func accept(_ channel: any Channel) throws {
        guard channels.count < configuration.connectionsMax, !isStopped else {
            return channel.close(promise: nil)
        }
        let connection = nextConnection
        nextConnection += 1
        let handler = FrameHandler(
            reads: .followerToShipper, writes: .shipperToFollower,
            isSecure: configuration.tls != nil
        ) { event in self.handle(event, connection, channel) }
        let pipeline = channel.pipeline.syncOperations
        if let tls = configuration.tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
        }
        try pipeline.addHandler(handler)
        channels[connection] = channel
    }

    private func handle(
        _ event: FrameHandler.Event, _ connection: Int, _ channel: any Channel
    ) {
        switch event {
        case .ready:
            var name: String?
            if configuration.tls != nil {
                let handler = try? channel.pipeline.syncOperations.handler(
                    type: NIOSSLServerHandler.self)
                name = handler?.peerCertificate.flatMap(TLSSetup.commonName)
                // A peer without a name of its own cannot be told from others.
                guard name != nil else { return channel.close(promise: nil) }
            }
            machine.connected(connection, certificateName: name, now: now)
        case .frame(let frame):
            do throws(FrameError) {
                perform(
                    machine.receive(
                        try FollowerFrame(frame), from: connection, now: now,
                        wallTime: wallTime))
            } catch {
                perform(machine.receive(error, from: connection, now: now))
            }
        case .bad(let error): perform(machine.receive(error, from: connection, now: now))
        case .closed:
            channels[connection] = nil
            perform(machine.disconnected(connection, now: now))
            blocking { $0.forget(connection: connection) }
        }
    }

    private func tick() {
        perform(machine.tick(now: now, wallTime: wallTime))
        if link == nil { readState() }
    }

    private var readsState = false

    /// Without a server the files tell.
    private func readState() {
        guard !readsState else { return }
        readsState = true
        blocking(
            { source in Result { () throws(StoreError) in try source.state() } },
            then: { service, result in
                service.readsState = false
                guard service.link == nil, case .success(let state) = result,
                    state != service.machine.primary
                else { return }
                service.perform(
                    service.machine.update(
                        state, now: service.now, wallTime: service.wallTime))
            })
    }

    // MARK: Threads

    func blocking(_ body: @escaping @Sendable (any ShippingSource) -> Void) {
        let source = source
        disk.submit { state in
            if case .active = state { body(source) }
        }
    }

    /// `body` on the disk's thread, then `finish` on the loop.
    func blocking<Value: Sendable>(
        _ body: @escaping @Sendable (any ShippingSource) -> Value,
        then finish: @escaping @Sendable (ShipperService, Value) -> Void
    ) {
        let (source, loop) = (source, loop)
        disk.submit { state in
            guard case .active = state else { return }
            let value = body(source)
            loop.execute {
                if !self.isStopped { finish(self, value) }
            }
        }
    }
}
