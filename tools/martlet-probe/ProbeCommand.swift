import ArgumentParser
import Glibc
import MartletHarness
import MartletSimulation

/// `martlet-probe chat`: clients on a real server that is killed again and again, and the checker
/// over all they saw. `tools/crash chat` runs it.
struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Kill a chat server at random moments and check what its clients saw.",
        discussion: """
            Every round lets devices send, read, move receipts and reconnect over WebSocket (and \
            long poll, where the server offers it) until the server is killed with SIGKILL, and \
            starts it again on the same store. After the rounds all devices catch up, new devices \
            read everything, the checker goes over the whole history, and `martlet verify` runs.

            Exit status: 0 nothing found; 1 violations, or a store that is not sound; 2 the run \
            broke off.
            """)

    @Option(help: "The martlet program.")
    var martlet: String

    @Option(help: "How often the server is killed.")
    var rounds = 20

    @Option(help: "Decides what clients do and when the server is killed (not how long it takes).")
    var seed = UInt64.random(in: 0..<1_000_000)

    @Option(help: "Accounts.")
    var users = 6

    @Option(help: "Devices of each account.")
    var devices = 2

    @Option(help: "Sends in 0.6 seconds, which a round lasts on average.")
    var sends = 300

    @Option(help: "A directory for the store and the log, which must not exist.")
    var directory: String

    @Flag(help: "Print the whole history.")
    var history = false

    func run() throws {
        guard mkdir(directory, 0o700) == 0 else {
            throw ValidationError("--directory: \(String(cString: strerror(errno)))")
        }
        let server = ProbedServer(program: martlet, directory: directory)
        var settings = Probe.Settings()
        settings.rounds = rounds
        settings.sends = sends
        var people = Crowd.Settings()
        people.users = users
        people.devices = devices
        print("martlet-probe: seed=\(seed) rounds=\(rounds) users=\(users) devices=\(devices)")
        people.polls = try Self.offersPolls(server)
        let probe = Probe(settings, Crowd(people, seed: seed), server)
        let start = monotonicNow()
        var failure: (any Error)?
        do { try probe.run() } catch { failure = error }
        let stopped = server.stop()
        let seconds = Double(monotonicNow() - start) / 1e9
        let report = HistoryChecker.check(
            probe.crowd.history.observations,
            memberships: probe.crowd.history.memberships(created: probe.crowd.created))
        if history { Self.printAll(probe.crowd.history) }
        let verified = try server.verify()
        print(report)
        print(
            "\(probe.kills) kills in \((seconds * 10).rounded() / 10) s, "
                + "\(probe.crowd.created.count) groups asked for, "
                + "long poll \(people.polls ? "on" : "off"); "
                + "stopped with \(stopped), verified with \(verified)")
        if let failure { print("broke off: \(failure)") }
        if !report.isSound || verified != 0 { throw ExitCode(1) }
        // Nobody blocks anybody here.
        if failure != nil || stopped != 0 || report.refusedInPairs > 0 { throw ExitCode(2) }
    }

    /// Whether the server knows `/v1/poll`: without a token it says so.
    private static func offersPolls(_ server: ProbedServer) throws -> Bool {
        try server.start()
        defer { server.kill() }
        var status: Int?
        // It says that it is there by letting somebody in.
        let isUp = waitUntil(.after(seconds: 20), everyMilliseconds: 20) {
            status = ask(server)
            return status != nil
        }
        guard isUp else { throw HarnessError("the server does not come up") }
        return status != 404 && status != 405
    }

    /// The status of a poll without a token; `nil` if nobody answers.
    private static func ask(_ server: ProbedServer) -> Int? {
        guard let connection = try? Descriptor(to: server.endpoint, source: Endpoint.loopback)
        else {
            return nil
        }
        connection.write(
            "POST /v1/poll HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}".utf8)
        let end = monotonicNow() + milliseconds(5_000)
        while connection.isOpen, monotonicNow() < end {
            connection.flush()
            connection.fill()
            if let head = HTTPHead.take(from: &connection.incoming) { return head.status }
            let events = Int16(connection.waitsToWrite ? POLLIN | POLLOUT : POLLIN)
            var watched = pollfd(fd: connection.number, events: events, revents: 0)
            poll(&watched, 1, 1_000)
        }
        return nil
    }

    private static func printAll(_ history: ChatHistory) {
        for (place, observation) in history.observations.enumerated() {
            print("#\(place) \(observation)")
        }
    }
}
