/// `martlet serve`, and `martlet follow` on copies of its store, each for clients of its own: a
/// process may have only so many sockets. Who writes writes at the first one.
final class MartletFleet: Contender {
    private let binary: String
    /// Where clients connect: to the server, then to each follower.
    let ports: [UInt16]
    private let shipperPort: UInt16
    let clients: MartletDirectory

    /// - Parameter firstPort: of `nodes + 1` that are free.
    init(binary: String, directory: String, firstPort: UInt16, nodes: Int, seed: UInt64) {
        self.binary = binary
        ports = (0..<nodes).map { firstPort + UInt16($0) }
        shipperPort = firstPort + UInt16(nodes)
        clients = MartletDirectory(run: seed)
        super.init(name: "martlet (\(nodes) nodes)", port: firstPort, directory: directory)
    }

    override func start(users: Int) throws {
        let data = directory + "/node-0"
        let server = try spawn(
            binary,
            [
                "serve", "--data", data, "--port", "\(port)", "--no-limits", "--set",
                "replication.serve=true",
            ], environment: ["MARTLET_TEST_SCRYPT_LOG_ROUNDS": "4"])
        try server.wait(for: name) { [port] _ in Port.accepts(port) }
        if ports.count == 1 { return }
        let shipper = try spawn(
            binary,
            [
                "shipper", "--data", data, "--listen", "127.0.0.1:\(shipperPort)", "--name",
                "node-0", "--insecure",
            ])
        try shipper.wait(for: "the shipper") { $0.output.contains("the shipper is ready") }
        for (node, port) in ports.enumerated().dropFirst() {
            // The log is named by the program and the port.
            let follower = try spawn(
                binary,
                [
                    "follow", "--data", "\(directory)/node-\(node)", "--from",
                    "127.0.0.1:\(shipperPort)=http://127.0.0.1:\(self.port)", "--name",
                    "node-\(node)", "--insecure", "--listen", "127.0.0.1:\(port)", "--no-limits",
                ])
            try follower.wait(for: "node \(node)") { _ in Port.accepts(port) }
        }
    }

    override func client(
        _ reactor: Reactor, user: Int, listener: any ChatListener
    ) -> ChatClient {
        MartletClient(reactor, user: user, listener: listener, directory: clients)
    }

    /// Resident bytes of all processes.
    var allResidentBytes: Int { processes.reduce(0) { $0 + $1.residentBytes } }
}
