/// `martlet serve` on a directory of its own: every acknowledged message is on the disk.
final class Martlet: Contender {
    // The port behind the first is for its metrics.
    private let binary: String
    /// Whether clients come by long poll.
    private let polls: Bool
    let clients: MartletDirectory

    init(binary: String, directory: String, port: UInt16, seed: UInt64, polls: Bool) {
        self.binary = binary
        self.polls = polls
        clients = MartletDirectory(run: seed)
        super.init(name: polls ? "martlet (poll)" : "martlet", port: port, directory: directory)
    }

    override func start(users: Int) throws {
        try startAgain()
        try processes.last?.wait(for: name) { [port] _ in Port.accepts(port) }
    }

    override func startAgain() throws {
        _ = try spawn(
            binary,
            [
                "serve", "--data", "\(directory)/martlet-data", "--port", "\(port)",
                "--no-limits",
            ],
            // Accounts by the thousand: what is measured is not the hashing of passwords.
            environment: [
                "MARTLET_TEST_SCRYPT_LOG_ROUNDS": "4",
                "MARTLET_METRICS_LISTEN": "127.0.0.1:\(port + 1)",
            ])
    }

    /// Registers them, and starts the server anew: what it keeps in memory is not theirs any more.
    override func prepare(users: Int) throws {
        let load = try Load(self)
        load.clients = (0..<users).map {
            MartletClient(load.reactor, user: $0, listener: load, directory: clients)
        }
        try load.connectAll()
        load.closeAll()
        stop()
        try start(users: users)
    }

    override func client(
        _ reactor: Reactor, user: Int, listener: any ChatListener
    ) -> ChatClient {
        polls
            ? PollClient(reactor, user: user, listener: listener, directory: clients, port: port)
            : MartletClient(reactor, user: user, listener: listener, directory: clients)
    }

    override func client(
        _ reactor: Reactor, user: Int, group: Int, listener: any ChatListener
    ) -> ChatClient? {
        client(reactor, user: user, listener: listener)
    }

    /// From the server's own count, where it has one.
    override var syncs: Int? {
        let name = "martlet_store_log_syncs_total "
        let line = HTTPGet.text(port: port + 1, path: "/metrics").split(separator: "\n")
            .first { $0.hasPrefix(name) }
        return line.flatMap { Double($0.dropFirst(name.count)) }.map { Int($0) }
    }
}
