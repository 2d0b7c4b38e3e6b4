/// `martlet serve` on a directory of its own: every acknowledged message is on the disk.
final class Martlet: Contender {
    private let binary: String
    let clients: MartletDirectory

    init(binary: String, directory: String, port: UInt16, seed: UInt64) {
        self.binary = binary
        clients = MartletDirectory(run: seed)
        super.init(name: "martlet", port: port, directory: directory)
    }

    override func start(users: Int) throws {
        try startAgain()
        try processes.last?.wait(for: name) { [port] _ in Port.accepts(port) }
    }

    override func startAgain() throws {
        _ = try spawn(
            binary, ["serve", "--data", "\(directory)/martlet-data", "--port", "\(port)"],
            // Accounts by the thousand: what is measured is not the hashing of passwords.
            environment: ["MARTLET_TEST_SCRYPT_LOG_ROUNDS": "4"])
    }

    /// Registers them, and starts the server anew: what it keeps in memory is not theirs any more.
    override func prepare(users: Int) throws {
        let load = try Load(self)
        load.clients = (0..<users).map { client(load.reactor, user: $0, listener: load) }
        try load.connectAll()
        load.closeAll()
        stop()
        try start(users: users)
    }

    override func client(
        _ reactor: Reactor, user: Int, listener: any ChatListener
    ) -> ChatClient {
        MartletClient(reactor, user: user, listener: listener, directory: clients)
    }

    override func client(
        _ reactor: Reactor, user: Int, group: Int, listener: any ChatListener
    ) -> ChatClient? {
        client(reactor, user: user, listener: listener)
    }
}
