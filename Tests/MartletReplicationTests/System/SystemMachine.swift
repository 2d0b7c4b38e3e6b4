import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// A machine of the whole system: a disk, a clock, and the processes on it.
final class SystemMachine {
    /// Who has the store's directory.
    enum Owner {
        case nobody
        case server(ServerProcess)
        case follower(FollowerProcess)
        case promotion(PromotionProcess)
    }

    static let directory = "/store"

    let index: Int
    let simulation: Simulation
    let options: StoreOptions
    /// The process of the owner, and the shipper's.
    let process: SimulatedProcess
    let shipperProcess: SimulatedProcess
    var owner = Owner.nobody
    var shipper: ShipperProcess?
    /// Count processes: what was meant for an older one does not arrive.
    var ownerGeneration = 0
    var shipperGeneration = 0
    /// The machine stands still until then, and hears what came meanwhile afterwards.
    var pausedUntil: UInt64 = 0
    var held: [(from: Int, message: SystemWorld.Message)] = []
    /// What the log here must reach back to whatever happens, as somebody was told that it does.
    var mustHold: UInt64 = 0
    /// The highest epoch of a promise that somebody was told of.
    var toldPromise: UInt32 = 0
    /// The role of the store when it was last open.
    var lastRole = StoreRole.follower
    var audit = LogAudit()
    var daemons: [SystemDaemon] = []

    init(_ index: Int, seed: UInt64, options: StoreOptions) {
        self.index = index
        self.options = options
        simulation = Simulation(seed: seed)
        process = SimulatedProcess(simulation.disk)
        shipperProcess = SimulatedProcess(simulation.disk)
        process.start()
        shipperProcess.start()
    }

    /// The doors, as one process has them.
    func environment(of process: SimulatedProcess) -> Environment {
        var environment = simulation.environment
        environment.fileSystem = process
        return environment
    }

    var store: Store? {
        switch owner {
        case .nobody: nil
        case .server(let server): server.store
        case .follower(let follower): follower.storage.store
        case .promotion(let promotion): promotion.storage.store
        }
    }

    var server: ServerProcess? {
        if case .server(let server) = owner { server } else { nil }
    }

    var follower: FollowerProcess? {
        if case .follower(let follower) = owner { follower } else { nil }
    }

    var promotion: PromotionProcess? {
        if case .promotion(let promotion) = owner { promotion } else { nil }
    }

    var isDown: Bool {
        if case .nobody = owner { true } else { false }
    }

    /// A server whose store takes writes, as far as it knows.
    var leads: Bool { server?.store.role == .primary }
}

/// `martlet serve` without its clients: the store, and its end of the link.
final class ServerProcess {
    enum Task {
        case follower(FollowerPosition)
        case shipperIsGone
        case depose(TermID)
        case makeSeed(UInt64, LocalLink)
        case dropSeed(UInt64)
    }

    let store: Store
    let storage: StorePrimary
    let wake = LinkWake()
    /// Set by `wake`'s winner.
    let news = Flag()
    var links: [LocalLink] = []
    /// The shipper that has attached.
    var attached: LocalLink?
    var tasks: [Task] = []
    /// Whether clients are let in.
    var isOpen = false

    init(_ store: Store, replicas: Int, environment: Environment) {
        self.store = store
        storage = StorePrimary(store, replicas: replicas, environment: environment)
        storage.dropAllSeeds()
        storage.listen { [wake, news] in
            if wake.begin() { news.raise() }
        }
    }
}

/// `martlet shipper`.
final class ShipperProcess {
    enum Task {
        case read(Int, after: UInt64, bytes: Int, PrimaryState)
        case catalog(Int)
        case readSeed(Int, SeedRange)
        case openSeed(UInt64, path: String)
        case closeSeed(UInt64)
        case forget(Int)
        case readState
    }

    var machine: Shipper
    let source: DirectorySource
    var link: LocalLink?
    var tasks: [Task] = []
    /// No connection to the server before this.
    var linkAt: UInt64 = 0
    var readsState = false

    init(_ machine: Shipper, _ source: DirectorySource) {
        self.machine = machine
        self.source = source
    }
}

/// `martlet follow`.
final class FollowerProcess {
    enum Task {
        case work(FollowerWork)
        case note(Bool)
    }

    var machine: FollowerMachine
    let storage: StoreFollower
    var tasks: [Task] = []
    var told: (leader: TermID, holds: Bool)?

    init(_ machine: FollowerMachine, _ storage: StoreFollower) {
        self.machine = machine
        self.storage = storage
    }
}

/// `martlet promote`, while it waits for promises.
final class PromotionProcess {
    let storage: StoreFollower
    let term: TermID
    var fence: PromotionFence
    var followers: [Int: UInt64] = [:]

    init(_ storage: StoreFollower, _ term: TermID, _ fence: PromotionFence) {
        self.storage = storage
        self.term = term
        self.fence = fence
    }
}

/// The Unix socket between a server and its shipper: nothing is lost until one end is.
final class LocalLink {
    /// Frames that fit into a socket's buffer; its writer is not writable beyond.
    static let framesMax = 3

    var toServer = ReplicationWorld.Lane(.shipperToServer)
    var toShipper = ReplicationWorld.Lane(.serverToShipper)
    var forServer: [[UInt8]] = []
    var forShipper: [[UInt8]] = []
    var serverIsGone = false
    var shipperIsGone = false

    var isWritableByServer: Bool { forShipper.count < Self.framesMax }

    func say(_ report: LinkReport) { forServer.append(toServer.write(report.frame())) }
    func say(_ frame: ServerFrame) { forShipper.append(toShipper.write(frame.frame())) }

    func nextReport() throws -> LinkReport? {
        guard !forServer.isEmpty else { return nil }
        return try LinkReport(try toServer.read(forServer.removeFirst()).get())
    }

    func nextFrame() throws -> ServerFrame? {
        guard !forShipper.isEmpty else { return nil }
        return try ServerFrame(try toShipper.read(forShipper.removeFirst()).get())
    }
}

/// Raised on whatever thread, looked at by the world.
///
/// `@unchecked Sendable`: the only state, `isRaised`, is read and written under `monitor`, and
/// nothing is called while it is held.
final class Flag: @unchecked Sendable {
    private let monitor = Monitor()
    private var isRaised = false

    func raise() { monitor.withLock { isRaised = true } }

    /// Whether it was raised; it is not any more.
    func take() -> Bool {
        monitor.withLock {
            defer { isRaised = false }
            return isRaised
        }
    }
}
