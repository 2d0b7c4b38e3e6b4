import ArgumentParser
import Foundation

/// Clients of one node of a fleet, in a process of their own; started by `chat`. Prints `in N` when
/// all are in, then a line for each message that comes and each connection that goes, until it is
/// ended.
struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hold", shouldDisplay: false)

    @Option(help: "The node's port.")
    var port: UInt16

    @Option(help: "A file with lines of USER ID TOKEN.")
    var accounts: String

    @Option(help: "The run's seed.")
    var seed: UInt64

    func run() throws {
        let directory = MartletDirectory(run: seed)
        let server = Contender(name: "node", port: port, directory: "")
        let load = try HoldLoad(server)
        for line in ProcessProbe.text(accounts).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let user = Int(words[0]), let id = UInt64(words[1], radix: 16)
            else { throw BenchError("no account: \(line)") }
            directory.accounts[user] = .init(id: id, token: String(words[2]))
            load.clients.append(
                MartletClient(load.reactor, user: user, listener: load, directory: directory))
        }
        try load.connectAll()
        say("in \(load.clients.count)")
        load.reactor.run(load) { false }
    }
}

/// A line at once: the one who waits for it reads a file.
private func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// Tells what comes, a line each.
private final class HoldLoad: Load {
    override func delivered(_ index: UInt64, to client: ChatClient, at now: UInt64) {
        say("message \(index) \(now)")
    }

    override func lost(_ client: ChatClient, _ reason: String) {
        super.lost(client, reason)
        say("lost \(reason)")
    }

    override func refused(_ what: String, by client: ChatClient) {
        super.refused(what, by: client)
        say("refused \(what)")
    }
}
