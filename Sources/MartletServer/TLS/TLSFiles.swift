/// Where a server's certificate lies, in PEM.
public struct TLSFiles: Sendable, Hashable {
    /// The certificate and those that lead from it to the root, in this order.
    public var certificateChain: String
    /// The private key of the first certificate.
    public var privateKey: String

    /// The paths of two files.
    public init(certificateChain: String, privateKey: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}
