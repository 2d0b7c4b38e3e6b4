/// One key of the configuration: everything else (file, environment, flags, documentation, check)
/// follows from it.
struct ConfigKey: Sendable {
    /// Parts separated by dots; in the file they are nested.
    let name: String
    let kind: ConfigKind
    /// The default, as it would be written.
    let fallback: String
    /// One or two sentences for the documentation.
    let doc: String
    /// The flag of `martlet serve` that is this key's own, without dashes; every key can be set
    /// with `--set NAME=VALUE` as well.
    let flag: String?

    init(
        _ name: String, _ kind: ConfigKind, _ fallback: String, _ doc: String,
        flag: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
        self.doc = doc
        self.flag = flag
    }

    /// The environment variable: `server.port` is `MARTLET_SERVER_PORT`.
    var variable: String {
        ConfigKey.prefix
            + name.map { $0 == "." ? "_" : String($0).uppercased() }.joined()
    }

    /// The part of the file that the key stands in.
    var section: Substring { name.split(separator: ".").dropLast().last ?? "" }

    static let prefix = "MARTLET_"
    /// Variables of tests and benchmarks, which are no keys.
    static let testPrefix = "MARTLET_TEST_"
    /// Names the file; no key of its own.
    static let fileVariable = "MARTLET_CONFIG"
}
