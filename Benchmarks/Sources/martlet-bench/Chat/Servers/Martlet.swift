/// `martlet serve` on a directory of its own: every acknowledged message is on the disk.
final class Martlet: Contender {
    private let binary: String
    private(set) var clients: MartletDirectory

    init(binary: String, directory: String, port: UInt16, seed: UInt64) {
        self.binary = binary
        clients = MartletDirectory(run: seed)
        super.init(name: "martlet", port: port, directory: directory)
    }

    override func start(users: Int) throws {
        let process = try spawn(
            binary, ["serve", "--data", "\(directory)/martlet-data", "--port", "\(port)"],
            // Accounts by the hundred: what is measured is not the hashing of passwords.
            environment: ["MARTLET_TEST_SCRYPT_LOG_ROUNDS": "4"])
        try process.wait(for: name) { [port] _ in Port.accepts(port) }
    }

    override func client(
        _ reactor: Reactor, user: Int, listener: any ChatListener
    ) -> ChatClient {
        MartletClient(reactor, user: user, listener: listener, directory: clients)
    }
}
