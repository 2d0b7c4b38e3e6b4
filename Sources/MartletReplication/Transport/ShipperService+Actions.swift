import MartletStore
import NIOCore

extension ShipperService {
    /// Does what the machine wants done.
    func perform(_ actions: [Shipper.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: Shipper.Action) {
        switch action {
        case .send(let connection, let frame):
            channels[connection]?.writeAndFlush(frame.frame(), promise: nil)
        case .close(let connection):
            // Behind what was written last.
            channels.removeValue(forKey: connection)?.close(promise: nil)
        case .read(let connection, let after, let bytes): read(connection, after, bytes)
        case .readCatalog(let connection): readCatalog(connection)
        case .readSeed(let connection, let range): readSeed(connection, range)
        case .openSeed(let seed, let path): openSeed(seed, path)
        case .closeSeed(let seed): blocking { $0.closeSeed(seed) }
        case .link(let report): link?.writeAndFlush(report.frame(), promise: nil)
        case .notice(let text): notice(text)
        }
    }

    private func read(_ connection: Int, _ after: UInt64, _ bytes: Int) {
        let state = machine.primary
        blocking(
            { $0.read(after: after, bytes: bytes, connection: connection, state: state) },
            then: { service, reading in
                service.perform(
                    service.machine.read(
                        reading, after: after, for: connection, now: service.now))
            })
    }

    private func readCatalog(_ connection: Int) {
        blocking(
            { source in Result { () throws(StoreError) in try source.catalog() } },
            then: { service, result in
                switch result {
                case .success(let (edit, nextTree)):
                    service.perform(
                        service.machine.catalog(
                            edit, nextTree: nextTree, for: connection, now: service.now))
                case .failure(let error):
                    service.notice("the catalog cannot be read: \(error)")
                    service.channels.removeValue(forKey: connection)?.close(promise: nil)
                }
            })
    }

    private func openSeed(_ seed: UInt64, _ path: String) {
        blocking(
            { source in
                Result { () throws(StoreError) in try source.openSeed(seed, path: path) }
            },
            then: { service, result in
                switch result {
                case .success(let offer):
                    service.perform(service.machine.seedOpened(offer, now: service.now))
                case .failure(let error):
                    service.perform(
                        service.machine.seedFailed(seed, "\(error)", now: service.now))
                }
            })
    }

    private func readSeed(_ connection: Int, _ range: SeedRange) {
        blocking(
            { source in Result { () throws(StoreError) in try source.readSeed(range) } },
            then: { service, result in
                service.perform(
                    service.machine.seedRead(
                        try? result.get(), for: connection, now: service.now))
            })
    }
}
