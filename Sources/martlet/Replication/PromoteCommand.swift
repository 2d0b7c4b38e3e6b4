import ArgumentParser
import Glibc
import MartletReplication
import MartletServer
import MartletStore

/// `martlet promote`: makes a follower's store the primary.
struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Make a follower's data directory the primary's.",
        discussion: """
            A follower that serves reads (`martlet follow --listen`) goes on in its process as the \
            server that takes the writes; any other is stopped. With --fence N this waits until N \
            other followers, which must have --listen among their --from addresses, have promised \
            to follow nobody older; then nothing that `replicated(k)` acknowledged is missing if N \
            is the number of followers less k. Start `martlet serve`, unless the follower's \
            process serves, and `martlet shipper` on the directory afterwards. The old primary \
            finds out, and can `martlet follow` then.

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
        var promotion = Promotion(
            fence: fence, listen: listen, wait: wait, force: force, name: name)
        if !insecure { promotion.certificates = certificates.map { OpenData.trimmed($0) } }
        if try promoteRunning(data, promotion) { return }
        try stopFollower(data)
        let storage = try await open(data)
        defer { try? storage.close() }
        print(try await promotion.run(storage, data).text)
        print("start `martlet serve --data \(self.data)` and its shipper now")
    }

    /// Has a follower that serves reads promote itself, and go on as the server that takes the
    /// writes. False where none is there.
    private func promoteRunning(_ data: String, _ promotion: Promotion) throws -> Bool {
        let answer: ControlAnswer
        do throws(ControlSocketError) {
            answer = try ControlClient.ask(
                "\(data).follower.sock", "POST", "/v1/promote", body: promotion.body,
                seconds: promotion.wait + 60)
        } catch {
            guard error.isNobodyThere else { throw Complaint(description: error.description) }
            return false
        }
        if answer.status == 404 { return false }
        let value = try JSONValue(answer.body)
        guard answer.status == 200 else {
            throw Complaint(description: value["error"]?["message"]?.text ?? "not promoted")
        }
        guard let outcome = Promotion.Outcome(value) else {
            throw Complaint(description: "the follower's process answers something else")
        }
        print(outcome.text)
        print("the follower's process takes the writes now; start its shipper")
        return true
    }

    /// Asks a running follower to stop, and waits until the directory is free.
    private func stopFollower(_ data: String) throws {
        do throws(ControlSocketError) {
            _ = try ControlClient.ask("\(data).follower.sock", "POST", "/v1/stop", seconds: 5)
        } catch {
            guard error.isNobodyThere else { throw Complaint(description: error.description) }
        }
    }

    /// Its lock is let go when that process has ended, and nobody tells.
    private func open(_ data: String) async throws -> StoreFollower {
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
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
