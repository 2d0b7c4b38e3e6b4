import NIOConcurrencyHelpers
package import NIOSSL

/// The certificate in use. It can be replaced while sockets are open: they keep what they began
/// with, new ones get the new one.
package final class ServerCertificate: Sendable {
    private struct Loaded: Sendable {
        var context: NIOSSLContext
        var stamps: [FileStamp?]
    }

    private let files: TLSFiles
    private let loaded: NIOLockedValueBox<Loaded>

    /// Reads the files. Blocks.
    package init(_ files: TLSFiles) throws(ConfigurationError) {
        self.files = files
        loaded = NIOLockedValueBox(try Self.load(files))
    }

    /// Reads the files again. Blocks.
    /// - Throws: what is wrong with them; the old certificate stays in use then.
    package func reload() throws(ConfigurationError) {
        let fresh = try Self.load(files)
        loaded.withLockedValue { $0 = fresh }
    }

    /// Reads the files again if they are others than those in use. Blocks.
    /// - Returns: whether they were.
    package func reloadIfChanged() throws(ConfigurationError) -> Bool {
        if loaded.withLockedValue({ $0.stamps }) == Self.stamps(files) { return false }
        try reload()
        return true
    }

    /// The TLS of one new connection.
    package func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: loaded.withLockedValue { $0.context })
    }

    private static func stamps(_ files: TLSFiles) -> [FileStamp?] {
        [FileStamp(files.certificateChain), FileStamp(files.privateKey)]
    }

    private static func load(_ files: TLSFiles) throws(ConfigurationError) -> Loaded {
        // Before the reading: a file replaced meanwhile is read again.
        let stamps = stamps(files)
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificateChain)
        } catch {
            throw ConfigurationError(
                .certificate, "no certificate can be read from \(files.certificateChain)")
        }
        do {
            key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
        } catch {
            throw ConfigurationError(
                .certificate, "no private key can be read from \(files.privateKey)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return Loaded(context: try NIOSSLContext(configuration: configuration), stamps: stamps)
        } catch {
            throw ConfigurationError(
                .certificate,
                "\(files.privateKey) is not the key of \(files.certificateChain)")
        }
    }
}
