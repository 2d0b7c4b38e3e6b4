import MartletServer
import ServiceLifecycle
import UnixSignals

/// Has the server read its certificate again on SIGHUP.
struct ReloadOnHangup: Service {
    let server: ChatServer

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            server.reloadCertificate()
        }
    }
}
