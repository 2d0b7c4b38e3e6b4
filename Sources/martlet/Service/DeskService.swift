import ArgumentParser
import Logging
import MartletCompaction
import MartletStore
import ServiceLifecycle

/// The socket for compaction daemons, as long as the process serves. One that cannot be had is no
/// reason not to serve: the store compacts by itself.
struct DeskService: Service {
    let store: Store
    /// `nil`: no daemon may attach.
    let socket: String?
    let logger: Logger

    func run() async throws {
        guard let socket else { return try await gracefulShutdown() }
        do {
            let server = try await CompactionServer(
                store, path: socket, build: MartletCommand.configuration.version)
            try? await gracefulShutdown()
            await server.close()
        } catch {
            logger.warning("no compaction socket", metadata: ["error": "\(error)"])
            try? await gracefulShutdown()
        }
    }
}
