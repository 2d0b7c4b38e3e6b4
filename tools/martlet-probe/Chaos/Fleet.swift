import Glibc
import MartletHarness

/// A primary and its followers, as processes. Who is what is said from outside; what is to run is
/// started, and started again.
final class Fleet {
    struct Settings {
        var martlet: String
        var directory: String
        var followers = 2
        /// `replication.followers` of the server.
        var replicas = 1
        /// A directory with certificates for the machines' names; without it nothing is encrypted.
        var certificates: String?
        /// Whether machines are network namespaces.
        var isWired = false
        /// Whether followers serve reads, and take the writes when they are promoted.
        var servesReads = false
        /// Further words for the server.
        var serverFlags: [String] = []
    }

    let settings: Settings
    let machines: [Machine]
    private(set) var primary: Machine
    var log: String { settings.directory + "/log" }
    /// What ended by itself: how often each part did with each code.
    private(set) var ended: [String: Int] = [:]
    /// The first process that a signal of its own ended.
    private(set) var crash: String?
    private var promotions = 0

    init(_ settings: Settings) throws {
        self.settings = settings
        let names = ["one", "two", "three", "four", "five", "six"].prefix(settings.followers + 1)
        machines = try names.enumerated().map { index, name in
            let host: UInt32 = 0xc612_0000 | UInt32(11 + index)
            let chat = Endpoint(
                host: settings.isWired ? host : Endpoint.loopback,
                port: settings.isWired ? 8080 : try Descriptor.freePort())
            let ship = Endpoint(
                host: chat.host, port: settings.isWired ? 7301 : try Descriptor.freePort())
            return Machine(name, chat: chat, ship: ship, data: "\(settings.directory)/\(name)")
        }
        primary = machines[0]
    }

    var followers: [Machine] { machines.filter { $0 !== primary } }

    // MARK: Roles

    /// A machine's directory is the primary's.
    func lead(_ machine: Machine, _ parts: Set<Part> = Part.ofPrimary) {
        primary = machine
        machine.want(parts)
    }

    func follow(_ machine: Machine) { machine.want([.follower]) }

    /// Where clients look for a server when `machine` is not to be asked any more.
    func servers(without machine: Machine? = nil) -> [Endpoint] {
        let asked = settings.servesReads ? machines : [primary]
        return asked.filter { $0 !== machine }.map(\.chat)
    }

    /// Starts what is to run. What has ended by itself is counted.
    func supervise() throws {
        for machine in machines {
            for (part, code) in try machine.supervise(monotonicNow(), start: start) {
                ended["\(part.rawValue) with \(code)", default: 0] += 1
                if code < 0, crash == nil {
                    crash = "the \(part.rawValue) of \(machine.name) was ended by signal \(-code)"
                }
            }
        }
    }

    // MARK: Commands

    private func start(_ machine: Machine, _ part: Part) throws -> ChildProcess {
        let data = ["--data", machine.data]
        switch part {
        case .server:
            let place = ["--host", machine.chat.hostText, "--port", String(machine.chat.port)]
            return try run(machine, ["serve"] + data + place + serverFlags)
        case .shipper:
            return try run(
                machine, ["shipper", "--listen", "\(machine.ship)"] + data + proof(machine))
        case .daemon: return try run(machine, ["compactd"] + data)
        case .follower:
            let others = machines.filter { $0 !== machine }.map { "\($0.ship)" }
            let from = ["--from", others.joined(separator: ",")]
            let reads = settings.servesReads ? ["--listen", "\(machine.chat)"] + serverFlags : []
            return try run(machine, ["follow"] + from + data + proof(machine) + reads)
        }
    }

    private var serverFlags: [String] {
        [
            "--no-push", "--set", "replication.serve=true",
            "--set", "replication.followers=\(settings.replicas)", "--set", "tls.allow_plain=true",
        ] + settings.serverFlags
    }

    private func proof(_ machine: Machine) -> [String] {
        guard let directory = settings.certificates else {
            return ["--insecure", "--name", machine.name]
        }
        return ["--certificates", directory, "--name", machine.name]
    }

    func run(
        _ machine: Machine, _ arguments: [String], log: String? = nil
    ) throws -> ChildProcess {
        let before = settings.isWired ? try Namespaces.on(machine.name) : []
        return try ChildProcess(before + [settings.martlet] + arguments, log: log ?? self.log)
    }

    /// Begins `martlet promote`, which ends the follower of the machine.
    func promote(_ machine: Machine, seconds: Int) throws -> ChildProcess {
        let fence = machines.count - 1 - settings.replicas
        var arguments = ["promote", "--data", machine.data, "--wait", String(seconds)]
        if fence > 0 {
            arguments += ["--fence", String(fence), "--listen", "\(machine.ship)"]
            arguments += proof(machine)
        }
        promotions += 1
        return try run(machine, arguments, log: "\(settings.directory)/promote-\(promotions)")
    }

    // MARK: How it stands

    /// What the primary's shipper says, if it answers.
    var status: FleetStatus? { FleetStatus.ask("\(primary.data)/shipper.sock") }

    /// Whether each follower has all that the primary has.
    var isLevel: Bool { followers.allSatisfy(isLevel) }

    func isLevel(_ machine: Machine) -> Bool {
        guard let status, !status.isDeposed else { return false }
        return status.followers.contains {
            $0.name == machine.name && $0.state == "streaming" && $0.lagRecords == 0
        }
    }

    /// Whether each follower gets the log.
    var isStreaming: Bool {
        guard let status else { return false }
        return followers.allSatisfy { machine in
            status.followers.contains {
                $0.name == machine.name && ["streaming", "catching-up"].contains($0.state)
            }
        }
    }
}
