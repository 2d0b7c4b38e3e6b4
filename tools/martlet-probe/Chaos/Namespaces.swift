import Glibc
import MartletHarness

/// The network between machines that are namespaces of this one: each has a cable to a bridge in
/// the namespace `wire`, and what passes the bridge can be dropped or held up. `tools/chaos` has
/// made all of it.
///
/// The sets `cut` and `lossy` of nftables hold pairs of cables; what comes from the first for the
/// second is dropped, or every fourth frame of it.
final class Namespaces {
    enum Fault: String {
        case cut
        case lossy
    }

    /// Of the clients.
    static let clients = "clients"

    private let log: String
    /// Whether the kernel can hold frames up (`netem`), or make a cable slow (`tbf`).
    let canDelay: Bool
    let canSlow: Bool
    private var isHeld: Set<String> = []

    init(log: String) throws {
        self.log = log
        let tries = ["netem delay 1ms", "tbf rate 1mbit burst 32k latency 100ms"].map { how in
            (try? Self.run(Self.discipline("clients", how), log)) == 0
        }
        (canDelay, canSlow) = (tries[0], tries[1])
        _ = try? Self.run(Self.discipline("clients", nil), log)
    }

    /// The words before a command that is to run on a machine.
    static func on(_ machine: String) throws -> [String] {
        [try tool("ip"), "netns", "exec", machine]
    }

    /// What goes from one cable to another suffers, or does so no more.
    func set(_ fault: Fault, _ isOn: Bool, from: String, to: String) throws {
        let pair = "{ \"\(from)\" . \"\(to)\" }"
        let words = [isOn ? "add" : "delete", "element", "bridge", "chaos", fault.rawValue, pair]
        try require(Self.on("wire") + [Self.tool("nft")] + words)
    }

    /// All that goes to a machine comes late, in another order and not always, or slowly.
    func hold(_ machine: String, _ isOn: Bool) throws {
        guard canDelay || canSlow, isHeld.contains(machine) != isOn else { return }
        let how =
            canDelay
            ? "netem delay 60ms 40ms loss 1%" : "tbf rate 2mbit burst 32k latency 400ms"
        try require(Self.discipline(machine, isOn ? how : nil))
        if isOn { isHeld.insert(machine) } else { isHeld.remove(machine) }
    }

    /// Nothing is dropped and nothing is late any more.
    func heal() throws {
        for set in [Fault.cut, .lossy] {
            try require(
                Self.on("wire")
                    + [Self.tool("nft"), "flush", "set", "bridge", "chaos", set.rawValue])
        }
        for machine in isHeld { try hold(machine, false) }
    }

    private static func discipline(_ machine: String, _ how: String?) throws -> [String] {
        let words = try on("wire") + [tool("tc"), "qdisc"]
        guard let how else { return words + ["del", "dev", machine, "root"] }
        return words + ["replace", "dev", machine, "root"]
            + how.split(separator: " ").map { String($0) }
    }

    private func require(_ arguments: [String]) throws {
        let code = try Self.run(arguments, log)
        guard code == 0 else {
            throw HarnessError("\(arguments.joined(separator: " ")) ended with \(code), see \(log)")
        }
    }

    private static func run(_ arguments: [String], _ log: String) throws -> Int32 {
        try ChildProcess(arguments, log: log).wait()
    }

    private static func tool(_ name: String) throws -> String {
        for directory in ["/usr/sbin", "/sbin", "/usr/bin", "/bin"] {
            let path = "\(directory)/\(name)"
            if access(path, X_OK) == 0 { return path }
        }
        throw HarnessError("no \(name) here")
    }
}
