import Logging
import MartletReplication
import MartletStore
import ServiceLifecycle

/// The link to a shipper, in a serving process.
struct LinkProcess: Service {
    let store: Store
    let primary: StorePrimary
    let logger: Logger

    func run() async throws {
        primary.dropAllSeeds()
        let path = "\(OpenData.absolute(store.directory))/replication.sock"
        let link = LinkService(path, storage: primary) { [logger] in logger.info("\($0)") }
        do {
            try await link.start()
        } catch {
            throw Complaint(description: "cannot listen at \(path): \(error)")
        }
        logger.info("a shipper may attach at \(path)")
        try? await gracefulShutdown()
        await link.stop()
    }
}
