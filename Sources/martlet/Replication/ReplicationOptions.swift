import ArgumentParser
import MartletReplication
import NIOSSL

/// How both ends of replication prove who they are.
struct ReplicationOptions: ParsableArguments {
    @Option(
        help: """
            A directory with ca.pem, NAME.pem and NAME.key; `tools/certificates` makes one.
            """)
    var certificates: String?

    @Option(help: "The name in this end's certificate.")
    var name: String

    @Flag(help: "Plain TCP, without certificates: for tests on one machine.")
    var insecure = false

    func validate() throws {
        guard insecure || certificates != nil else {
            throw ValidationError("--certificates DIR, or --insecure on one machine")
        }
    }

    func server() throws -> NIOSSLContext? {
        guard let files else { return nil }
        return try explained { try TLSSetup.server(files) }
    }

    func client() throws -> NIOSSLContext? {
        guard let files else { return nil }
        return try explained { try TLSSetup.client(files) }
    }

    private var files: ReplicationCertificates? {
        insecure ? nil : certificates.map { ReplicationCertificates(in: $0, name: name) }
    }

    private func explained(_ body: () throws -> NIOSSLContext) throws -> NIOSSLContext {
        do {
            return try body()
        } catch {
            throw Complaint(
                description: "no certificates for '\(name)' in \(certificates ?? ""): \(error)")
        }
    }
}

/// `HOST:PORT` and `[IPv6]:PORT`.
struct HostPort: ExpressibleByArgument {
    var host: String
    var port: Int

    /// As it is written.
    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = String(argument[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.host = host
        self.port = Int(port)
    }
}
