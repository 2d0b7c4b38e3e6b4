import Logging
import NIOPosix

/// Looks once a minute whether the certificate's files were replaced.
enum CertificateWatch {
    static func run(_ certificate: ServerCertificate, _ logger: Logger) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(60))
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
