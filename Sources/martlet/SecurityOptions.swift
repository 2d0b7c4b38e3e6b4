import ArgumentParser
import MartletServer

/// The flags of `martlet serve` that say who may reach it and how.
struct SecurityOptions: ParsableArguments {
    @Option(
        name: .customLong("tls-certificate"),
        help: "A PEM file with the certificate and those that lead to its root: serves TLS.")
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: "A PEM file with the certificate's private key.")
    var key: String?

    @Flag(
        name: .customLong("insecure-http"),
        help: "Serve plain HTTP on an address that other machines reach.")
    var allowsInsecureHTTP = false

    @Option(
        name: .customLong("trust-proxy"),
        help: "The IP address of a proxy whose X-Forwarded-For is believed; may be repeated.")
    var trustedProxies: [String] = []

    @Flag(name: .customLong("no-limits"), help: "Switch all rate limits off, for load tests.")
    var hasNoLimits = false

    @Flag(
        name: .customLong("test-echo"),
        help: ArgumentHelp(
            "Serve /v1/echo, for WebSocket conformance suites.", visibility: .hidden))
    var hasEcho = false

    func validate() throws {
        if (certificate == nil) != (key == nil) {
            throw ValidationError("--tls-certificate and --tls-key go together")
        }
    }

    func apply(to settings: inout ChatServerConfiguration) {
        if let certificate, let key {
            settings.tls = TLSFiles(certificateChain: certificate, privateKey: key)
        }
        settings.allowsInsecureHTTP = allowsInsecureHTTP
        settings.trustedProxies = Set(trustedProxies)
        if hasNoLimits { settings.limits = .off }
        settings.hasEcho = hasEcho
    }
}
