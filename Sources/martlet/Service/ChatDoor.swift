import Logging
import MartletChat
import MartletReplication
import MartletServer
import MartletStore
import ServiceLifecycle
import Synchronization

/// The chat in a serving process, from the moment at which readers may be let in.
///
/// Where writes wait for followers readers do too, over a restart as well: what the opening found
/// in the log may be on this machine alone, and a failover would lose it. So nothing of it is shown
/// or acted on before followers have it. Holds N5.
struct ChatDoor: Service {
    let settings: ChatServerConfiguration
    let options: ChatOptions
    let store: Store
    let registry: MetricRegistry
    let state: ProcessState
    let logger: Logger
    /// `nil` where no shipper may attach.
    let primary: StorePrimary?
    /// How readers find the server, once they do.
    let address: @Sendable (Int) -> String

    func run() async throws {
        guard try await opens() else { return }
        let chat = try ChatService.open(store, options: options)
        // After it no call is under way, and the store may close.
        defer { chat.close() }
        let server = ChatServer(
            configuration: settings, chat: chat, logger: logger, registry: registry
        ) { [store] in store.failure == nil && store.role == .primary }
        state.opened(
            AdminRoutes.all(AdminPort(chat)) + FailedRoutes.all(chat) + pushRoutes(chat, server))
        server.onListening { [logger, state, address] port in
            logger.info("Martlet is ready at \(address(port))")
            state.isListening.store(true, ordering: .relaxed)
            ServiceNotice.send("READY=1")
        }
        try await withGracefulShutdownHandler {
            try await serve(server)
        } onGracefulShutdown: { [state] in
            state.isListening.store(false, ordering: .relaxed)
            ServiceNotice.send("STOPPING=1")
        }
    }

    private func serve(_ server: ChatServer) async throws {
        guard settings.tls != nil else { return try await server.run() }
        let reloading = Task { try await ReloadOnHangup(server: server).run() }
        defer { reloading.cancel() }
        try await server.run()
    }

    /// Waits until followers have what they must; false if the process is to stop before.
    private func opens() async throws -> Bool {
        guard let primary else { return true }
        if try primary.opens() { return true }
        var said = ""
        var seconds = 0
        while true {
            let why = primary.whyClosed()
            state.waitsFor(why)
            // The first second is what an undisturbed restart takes.
            if why != said, seconds > 0 {
                logger.warning(
                    "the server is not ready: readers wait for followers",
                    metadata: ["reason": "\(why)"])
                said = why
            }
            // So that systemd does not take a wait for a hang.
            ServiceNotice.send("STATUS=not ready: \(why)\nEXTEND_TIMEOUT_USEC=30000000")
            for _ in 0..<20 {
                if try primary.opens() {
                    state.waitsFor(nil)
                    ServiceNotice.send("STATUS=")
                    return true
                }
                try? await cancelWhenGracefulShutdown {
                    try await Task.sleep(for: .milliseconds(50))
                }
                if Task.isShuttingDownGracefully || Task.isCancelled { return false }
            }
            seconds += 1
        }
    }

    private func pushRoutes(_ chat: ChatService, _ server: ChatServer) -> [ControlRoute] {
        PushRoutes(
            chat, lifetimeSeconds: settings.push.lifetimeSeconds, now: settings.clock,
            resume: { server.resumePushes($0) }
        ).all
    }
}

/// What the process tells of itself.
final class ProcessState: Sendable {
    let isListening = Atomic<Bool>(false)
    private let door = Mutex<(routes: [ControlRoute]?, why: String?)>((nil, nil))

    /// Why readers are not let in; `nil` if nothing keeps them out.
    var why: String? { door.withLock { $0.why } }

    func waitsFor(_ why: String?) { door.withLock { $0.why = why } }

    /// The chat is there to be asked.
    func opened(_ routes: [ControlRoute]) { door.withLock { $0 = (routes, nil) } }

    /// What the chat answers on the control socket.
    func routes() throws(ControlFault) -> [ControlRoute] {
        let (routes, why) = door.withLock { $0 }
        if let routes { return routes }
        throw ControlFault(503, "unavailable", why ?? "the server starts")
    }
}
