import Glibc
import MartletStore
import NIOSSL

@testable import MartletReplication

/// A shipper on a loopback port, and followers of it.
struct ShellFixture {
    let primary: MemoryNode
    let shipper: ShipperService
    let port: Int
    let notices = Notices()

    init(
        _ primary: MemoryNode, tls: NIOSSLContext? = nil,
        configure: (inout ShipperService.Configuration) -> Void = { _ in }
    ) async throws {
        self.primary = primary
        var configuration = ShipperService.Configuration(host: "127.0.0.1", port: 0)
        configuration.tls = tls
        configure(&configuration)
        let notices = notices
        shipper = try ShipperService(
            configuration, source: primary, environment: .system
        ) { notices.add($0) }
        port = try await shipper.start()
    }

    func follow(
        _ node: MemoryNode, name: String = "nest-2", id: UInt64 = 7, tls: NIOSSLContext? = nil
    ) -> FollowerService {
        let notices = notices
        let service = FollowerService(
            FollowerMachine.Settings(follower: id, name: name, addresses: 1),
            addresses: [.init(host: "127.0.0.1", port: port)], tls: tls, storage: node,
            environment: .system
        ) { notices.add($0) }
        service.start()
        return service
    }

    /// Waits until `isTrue`, at most half a minute.
    static func wait(_ isTrue: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<1_500 {
            if try await isTrue() { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// Writes a pair of files that NIOSSL reads; the directory is new.
    static func files(
        _ pair: TestCertificates.Pair, authority: String = TestCertificates.authority
    ) throws -> ReplicationCertificates {
        var template = Array("/tmp/martlet-certificates-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError(.io, "no directory") }
        let directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let certificates = ReplicationCertificates(in: directory, name: "own")
        for (path, text) in [
            (certificates.authority, authority), (certificates.certificate, pair.certificate),
            (certificates.key, pair.key),
        ] {
            let file = fopen(path, "w")
            fputs(text, file)
            fclose(file)
        }
        return certificates
    }
}
