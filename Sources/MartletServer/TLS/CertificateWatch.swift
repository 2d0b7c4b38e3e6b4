import Logging
import NIOPosix

/// Looks from time to time whether the certificate's files were replaced.
enum CertificateWatch {
    static func run(
        _ certificate: ServerCertificate, every seconds: Int64, _ logger: Logger
    ) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(seconds))
                let changed = try await NIOThreadPool.singleton.runIfActive {
                    try certificate.reloadIfChanged()
                }
                if changed { logger.info("certificate reloaded") }
            } catch is CancellationError {
                return
            } catch {
                logger.error("certificate not reloaded: \(error)")
            }
        }
    }
}
