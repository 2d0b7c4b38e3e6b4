package import Logging
package import MartletStore
import NIOCore
import NIOPosix
import Synchronization

/// A compaction daemon: a connection to a server's socket on an event loop, and a thread for each
/// job. The machine decides; this performs.
package final class CompactionDaemon: Sendable {
    package struct Options: Sendable {
        /// The store's directory.
        package var data: String
        package var socket: String
        package var workers = 1
        /// How much lower than others' its threads' priority is.
        package var niceness: CInt = 0
        /// Of all reads and writes; `nil` for any number.
        package var bytesPerSecond: UInt64?
        package var memory: UInt64 = 1 << 30
        /// End when the server has had nothing to do for two seconds.
        package var endsWhenIdle = false
        package var build: String

        package init(data: String, socket: String, build: String) {
            self.data = data
            self.socket = socket
            self.build = build
        }
    }

    /// The server does not want this daemon.
    package struct Refused: Error, CustomStringConvertible {
        package var refusal: DaemonRefusal
        package var text: String
        package var description: String { "the server refuses this daemon: \(text)" }
    }

    private let options: Options
    private let environment: Environment
    private let logger: Logger
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let shell: NIOLoopBoundBox<DaemonShell>

    /// - Throws: `.notFound` where there is no store, `.corruption`.
    package init(
        _ options: Options, environment: Environment = .system, logger: Logger
    ) throws {
        self.options = options
        self.environment = environment
        self.logger = logger
        let id = try ManifestReader.read(environment.fileSystem, directory: options.data)
            .state.storeID
        let hello = Hello(
            store: id, workers: UInt16(clamping: options.workers), memory: options.memory,
            name: LockOwner.text(since: environment.clock.now()), build: options.build)
        let loop = group.next()
        shell = NIOLoopBoundBox.makeBoxSendingValue(
            DaemonShell(hello, options, environment, logger, loop), eventLoop: loop)
    }

    /// Works until `stop`, or until the server refuses it.
    package func run() async throws {
        let loop = group.next()
        let ended = loop.makePromise(of: Void.self)
        loop.execute { [shell] in
            let shell = shell.value
            shell.ended = ended
            shell.begin()
        }
        do {
            try await ended.futureResult.get()
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    /// Gives back what it has, and ends. What is finished stays finished.
    package func stop() {
        group.next().execute { [shell] in shell.value.stop() }
    }
}

/// What runs on the daemon's loop.
final class DaemonShell {
    private var machine: DaemonMachine
    private let options: CompactionDaemon.Options
    private let environment: Environment
    private let logger: Logger
    private let loop: any EventLoop
    private let allowance: ByteAllowance
    private var controls: [UInt64: ClaimControl] = [:]
    private var channel: (any Channel)?
    private var timer: RepeatedTask?
    private var isStopping = false
    var ended: EventLoopPromise<Void>?

    init(
        _ hello: Hello, _ options: CompactionDaemon.Options, _ environment: Environment,
        _ logger: Logger, _ loop: any EventLoop
    ) {
        machine = DaemonMachine(hello, once: options.endsWhenIdle)
        self.options = options
        self.environment = environment
        self.logger = logger
        self.loop = loop
        allowance = ByteAllowance(
            perSecond: options.bytesPerSecond, clock: environment.clock)
    }

    private var now: UInt64 { environment.clock.monotonicNanoseconds() }

    func begin() {
        let own = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) { _ in
            let shell = own.value
            shell.perform(
                shell.machine.tick(now: shell.now, bytes: shell.controls.mapValues(\.bytes)))
        }
    }

    func stop() {
        isStopping = true
        perform(machine.stop())
    }

    func connected(_ channel: any Channel) {
        self.channel = channel
        logger.info("connected", metadata: ["socket": "\(options.socket)"])
        perform(machine.connected())
    }

    func disconnected() {
        // Of a connection that this end closes nothing is to be said.
        if channel != nil, !isStopping { logger.info("the server is gone") }
        channel = nil
        perform(machine.disconnected(now: now))
    }

    func received(_ frame: ServerFrame) { perform(machine.received(frame, now: now)) }

    private func perform(_ actions: [DaemonMachine.Action]) {
        for action in actions {
            switch action {
            case .connect: connect()
            case .send(let frame):
                channel?.writeAndFlush(ByteBuffer(bytes: frame.encoded), promise: nil)
            case .start(let offer): start(offer)
            case .cancel(let token): controls[token]?.cancel()
            case .disconnect: channel?.close(promise: nil)
            case .stopped: finish(nil)
            case .refused(let refusal, let text):
                finish(CompactionDaemon.Refused(refusal: refusal, text: text))
            }
        }
    }

    private func finish(_ error: (any Error)?) {
        isStopping = true
        timer?.cancel()
        channel?.close(promise: nil)
        if let error { ended?.fail(error) } else { ended?.succeed() }
        ended = nil
    }

    private func connect() {
        let own = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DaemonHandler(own))
                }
            }
            .connect(unixDomainSocketPath: options.socket)
            .whenFailure { _ in own.value.disconnected() }
    }

    /// A thread for the claim.
    private func start(_ offer: JobBoard.Offer) {
        let control = ClaimControl()
        controls[offer.token] = control
        var environment = environment
        environment.fileSystem = PacedFileSystem(
            environment.fileSystem, allowance: allowance, control: control)
        let worker = CompactionWorker(store: options.data, environment: environment)
        let own = NIOLoopBound(self, eventLoop: loop)
        let (loop, job, token) = (loop, offer.job.id, offer.token)
        let niceness = options.niceness
        logger.debug("begins", metadata: ["job": "\(JobFiles.name(job))"])
        environment.background.spawn("mt-compact") {
            ThreadPriority.lower(to: niceness)
            var outcome = DaemonMachine.Outcome.written
            do throws(StoreError) {
                try worker.run(offer) { (table, rest) throws(StoreError) in
                    loop.execute { own.value.tableFinished(job, token, table, rest) }
                    return !control.isCancelled
                }
                if control.isCancelled { outcome = .cancelled }
            } catch {
                outcome = control.isCancelled ? .cancelled : .failed(error.description)
            }
            loop.execute { [outcome] in own.value.jobEnded(job, token, outcome) }
        }
    }

    private func tableFinished(
        _ job: UInt64, _ token: UInt64, _ table: TableMetadata, _ rest: [UInt8]
    ) {
        perform(machine.tableFinished(job, token: token, table, rest: rest))
    }

    private func jobEnded(
        _ job: UInt64, _ token: UInt64, _ outcome: DaemonMachine.Outcome
    ) {
        let bytes = controls.removeValue(forKey: token)?.bytes ?? 0
        logger.info(
            "job ended",
            metadata: [
                "job": "\(JobFiles.name(job))", "outcome": "\(outcome)", "bytes": "\(bytes)",
            ])
        perform(machine.jobEnded(job, token: token, outcome, now: now))
    }
}

/// The daemon's end of the connection.
private final class DaemonHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let shell: NIOLoopBound<DaemonShell>
    private var reader = FrameReader(.ofServer)

    init(_ shell: NIOLoopBound<DaemonShell>) { self.shell = shell }

    func channelActive(context: ChannelHandlerContext) {
        shell.value.connected(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) { shell.value.disconnected() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data).readableBytesView)
        do throws(FrameError) {
            while let frame = try reader.next() { shell.value.received(try ServerFrame(frame)) }
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
