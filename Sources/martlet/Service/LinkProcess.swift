import Logging
import MartletReplication
import ServiceLifecycle

/// The link to a shipper, in a serving process.
struct LinkProcess: Service {
    let storage: StorePrimary
    let data: String
    let logger: Logger

    func run() async throws {
        storage.dropAllSeeds()
        let path = "\(OpenData.absolute(data))/replication.sock"
        let link = LinkService(path, storage: storage) { [logger] in logger.info("\($0)") }
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
