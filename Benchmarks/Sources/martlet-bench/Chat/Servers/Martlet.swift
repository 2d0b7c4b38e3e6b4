/// `martlet serve` on a directory of its own: every acknowledged message is on the disk.
final class Martlet: Contender {
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
            environment: ["MARTLET_TEST_SCRYPT_LOG_ROUNDS": "4"])
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
}
