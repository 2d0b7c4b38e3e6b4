package import NIOSSL
import NIOTLS

/// Where the certificates of one end lie, in PEM. Both ends must have one of the same authority.
package struct ReplicationCertificates: Sendable, Equatable {
    /// The authority that signs followers and shippers.
    package var authority: String
    package var certificate: String
    package var key: String

    package init(authority: String, certificate: String, key: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// The files in a directory that `openssl` lines of docs/operations/replication.md make:
    /// `ca.pem`, `NAME.pem`, `NAME.key`.
    package init(in directory: String, name: String) {
        self.init(
            authority: "\(directory)/ca.pem", certificate: "\(directory)/\(name).pem",
            key: "\(directory)/\(name).key")
    }
}

/// TLS 1.3 with a certificate asked of both ends.
package enum TLSSetup {
    /// What a shipper shows, and whom it lets in. Reads files; blocks.
    package static func server(
        _ files: ReplicationCertificates
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try certificates(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .file(files.authority)
        // A follower has a name, not an address.
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
    }

    /// What a follower shows, and whom it believes. Reads files; blocks.
    package static func client(
        _ files: ReplicationCertificates
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .file(files.authority)
        configuration.certificateVerification = .fullVerification
        configuration.certificateChain = try certificates(files.certificate).map {
            .certificate($0)
        }
        configuration.privateKey = .privateKey(
            try NIOSSLPrivateKey(file: files.key, format: .pem))
        return try NIOSSLContext(configuration: configuration)
    }

    static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        try NIOSSLCertificate.fromPEMFile(path)
    }

    static func isHandshakeDone(_ event: Any) -> Bool {
        if case TLSUserEvent.handshakeCompleted = event { return true }
        return false
    }

    /// The common name of a certificate's subject; `nil` where there is none, or more than one.
    static func commonName(_ certificate: NIOSSLCertificate) -> String? {
        guard let bytes = try? certificate.toDERBytes() else { return nil }
        return SubjectName.commonName(certificate: bytes)
    }
}
