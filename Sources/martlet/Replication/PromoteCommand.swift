import ArgumentParser
import Glibc
import MartletReplication
import MartletServer
import MartletStore
import NIOSSL

/// `martlet promote`: makes a follower's store the primary.
struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Make a follower's data directory the primary's.",
        discussion: """
            The follower of the directory is stopped. With --fence N this waits until N other \
            followers, which must have --listen among their --from addresses, have promised to \
            follow nobody older; then nothing that `replicated(k)` acknowledged is missing if N is \
            the number of followers less k. Start `martlet serve` and `martlet shipper` on the \
            directory afterwards. The old primary finds out, and can `martlet follow` then.

            Exit status: 0 promoted; 1 not promoted, with the reason: the directory is a \
            follower's as before.
            """)

    @Option(help: "The data directory.")
    var data: String

    @Option(help: "How many other followers must have promised first.")
    var fence = 0

    @Option(help: "Where they connect to for that, HOST:PORT.")
    var listen: HostPort?

    @Option(help: "Seconds to wait for them.")
    var wait = 60

    @Flag(help: "Whatever may be missing; clients begin afresh.")
    var force = false

    @Option(help: "A directory with ca.pem, NAME.pem and NAME.key, for --fence.")
    var certificates: String?

    @Option(help: "The name in this end's certificate, for --fence.")
    var name: String?

    @Flag(help: "Plain TCP, without certificates: for tests on one machine.")
    var insecure = false

    func validate() throws {
        guard fence >= 0, wait > 0 else { throw ValidationError("--fence: 0 or more") }
        guard fence == 0 || listen != nil else {
            throw ValidationError("--fence needs --listen HOST:PORT")
        }
        guard fence == 0 || insecure || (certificates != nil && name != nil) else {
            throw ValidationError("--fence needs --certificates and --name, or --insecure")
        }
    }

    func run() async throws {
        let data = OpenData.trimmed(data)
        try stopFollower(data)
        let storage = try open(data)
        defer { try? storage.close() }
        guard let store = storage.store else {
            throw Complaint(description: "\(data): there is no store")
        }
        var above: UInt32 = 0
        if fence > 0 && !force { above = try await runFence(storage).epoch }
        do {
            let term = try store.promote(
                above: above, keepsCursors: !force && storage.holdsWhatWasSeen)
            print("promoted to epoch \(term.epoch), behind sequence \(term.firstSequence - 1)")
            print("start `martlet serve --data \(self.data)` and its shipper now")
        } catch {
            throw OpenData.explain(error, data)
        }
    }

    /// Asks a running follower to stop, and waits until the directory is free.
    private func stopFollower(_ data: String) throws {
        do throws(ControlSocketError) {
            _ = try ControlClient.ask("\(data).follower.sock", "POST", "/v1/stop", seconds: 5)
        } catch {
            guard error.isNobodyThere else { throw Complaint(description: error.description) }
        }
    }

    private func open(_ data: String) throws -> StoreFollower {
        var tries = 0
        while true {
            do throws(StoreError) {
                return try StoreFollower(
                    data, options: StoreOptions(), takesOver: false, environment: .system)
            } catch {
                tries += 1
                guard error.code == .locked, tries < 100 else {
                    throw OpenData.explain(error, data)
                }
                usleep(100_000)
            }
        }
    }

    private func runFence(_ storage: StoreFollower) async throws -> TermID {
        guard let listen else { throw Complaint(description: "--fence needs --listen") }
        var tls: NIOSSLContext?
        if !insecure {
            tls = try TLSSetup.server(
                ReplicationCertificates(in: certificates ?? "", name: name ?? ""))
        }
        let service = FenceService(
            storage: storage, needed: fence, host: listen.host, port: listen.port, tls: tls,
            environment: .system)
        switch try await service.run(seconds: wait) {
        case .won: return service.term
        case .waiting(let missing):
            throw Complaint(
                description: "\(missing) of \(fence) followers have not promised in \(wait) s")
        case .behind(let answer):
            throw Complaint(
                description: "another follower has more, up to sequence"
                    + " \(answer.lastSequence) of term \(answer.history.currentID):"
                    + " promote that one")
        case .outbid(let term):
            throw Complaint(
                description: "term \(term) was promised to another one; run this again to go"
                    + " above it")
        }
    }
}
