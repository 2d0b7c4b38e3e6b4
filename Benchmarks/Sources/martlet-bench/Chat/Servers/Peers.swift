import Foundation

/// mosquitto: a bare broker in C that stores nothing, at QoS 1.
final class Mosquitto: Contender {
    init(directory: String, firstPort: UInt16) {
        super.init(name: "mosquitto", port: firstPort + 3, directory: directory)
    }

    override var echoesToGroup: Bool { true }

    override func start(users: Int) throws {
        let process = try spawn("/usr/sbin/mosquitto", ["-c", "\(directory)/mosquitto.conf"])
        try process.wait(for: name) { [port] _ in Port.accepts(port) }
    }

    override func client(
        _ reactor: Reactor, user: Int, listener: any ChatListener
    ) -> ChatClient {
        MQTTClient(reactor, user: user, listener: listener)
    }

    override func client(
        _ reactor: Reactor, user: Int, group: Int, listener: any ChatListener
    ) -> ChatClient? {
        let client = MQTTClient(reactor, user: user, listener: listener)
        client.group = group
        return client
    }
}

/// ejabberd, with its archive in PostgreSQL or with none.
final class Ejabberd: Contender {
    private let archives: Bool
    private let firstPort: UInt16

    init(directory: String, firstPort: UInt16, archives: Bool) {
        self.archives = archives
        self.firstPort = firstPort
        super.init(
            name: archives ? "ejabberd+postgres" : "ejabberd",
            port: archives ? firstPort + 1 : firstPort, directory: directory)
    }

    /// A stanza is not answered; one that was archived is in the archive before it is delivered.
    override var acknowledgesMessages: Bool { false }

    override func start(users: Int) throws {
        if archives { try startPostgres() }
        let data = "\(directory)/\(name)"
        try? FileManager.default.removeItem(atPath: data)
        try FileManager.default.createDirectory(
            atPath: data, withIntermediateDirectories: true)
        let library = "/usr/lib/x86_64-linux-gnu"
        let accounts = """
            [ejabberd_auth:try_register(iolist_to_binary(["u", integer_to_list(I)]), \
            <<"localhost">>, <<"password">>) || I <- lists:seq(0, \(users - 1))], \
            io:format("accounts are made~n").
            """
        let process = try spawn(
            "/usr/bin/erl",
            [
                "+P", "250000", "-noinput", "-mnesia", "dir", "\"\(data)\"", "-s", "ejabberd",
                "-eval", accounts,
            ],
            environment: [
                "EJABBERD_CONFIG_PATH":
                    "\(directory)/\(archives ? "ejabberd-postgres" : "ejabberd").yml",
                "EJABBERD_LOG_PATH": "\(data)/ejabberd.log",
                "ERL_CRASH_DUMP": "\(data)/crash.dump", "ERL_LIBS": library, "HOME": data,
            ])
        try process.wait(for: name) { [port] in
            $0.output.contains("accounts are made") && Port.accepts(port)
        }
    }

    private func startPostgres() throws {
        let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        let version = versions.compactMap { Int($0) }.max() ?? 15
        let data = "\(directory)/postgres"
        var command = [
            "/usr/lib/postgresql/\(version)/bin/postgres", "-D", data, "-k", data, "-h",
            "127.0.0.1", "-p", "\(firstPort + 2)",
        ]
        if getuid() == 0 {
            // It refuses to run as root; setpriv becomes it, with the same pid.
            command =
                [
                    "/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres",
                    "--clear-groups",
                ] + command
        }
        let process = try spawn(command[0], Array(command.dropFirst()))
        try process.wait(for: "PostgreSQL") { [firstPort] _ in Port.accepts(firstPort + 2) }
    }

    override func client(
        _ reactor: Reactor, user: Int, listener: any ChatListener
    ) -> ChatClient {
        XMPPClient(reactor, user: user, listener: listener)
    }
}

/// Ports of this machine.
enum Port {
    /// Whether somebody listens.
    static func accepts(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return with(port) { connect(descriptor, $0, $1) == 0 }
    }

    /// The first of `count` free ports in a row, below those that the kernel gives out itself.
    static func free(count: UInt16) throws -> UInt16 {
        for _ in 0..<100 {
            let first = UInt16.random(in: 20_000...30_000)
            if (first..<first + count).allSatisfy(isFree) { return first }
        }
        throw BenchError("no free ports")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return with(port) { bind(descriptor, $0, $1) == 0 }
    }

    private static func with(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
