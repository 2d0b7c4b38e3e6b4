import ArgumentParser
import MartletReplication
import MartletServer

/// `martlet replication …`
struct ReplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replication", abstract: "See how followers stand.",
        subcommands: [ReplicationStatusCommand.self])
}

struct ReplicationStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how the followers of a data directory stand, or how this follower does.",
        discussion: """
            Asks the shipper of the directory, or its follower.

            Exit status: 0 all is well; 1 something lags, is stuck, is missing or was deposed; 2 \
            nobody answers, or not with how it stands. With --json that is an object with an \
            `error`, which has a `code` and a `message`.
            """)

    @Option(help: "The data directory.")
    var data = "./martlet-data"

    @Option(help: "Seconds that a follower may be behind.")
    var lag = 10

    @Flag(help: "Print the answer: one JSON object.")
    var json = false

    func run() throws {
        let data = OpenData.trimmed(data)
        for socket in ["\(data)/shipper.sock", "\(data).follower.sock"] {
            let answer: ControlAnswer
            do throws(ControlSocketError) {
                answer = try ControlClient.ask(socket, "GET", "/v1/replication", seconds: 5)
            } catch {
                if error.isNobodyThere { continue }
                try fail("unreachable", error.description)
            }
            return try show(answer)
        }
        try fail("unreachable", "neither a shipper nor a follower answers for \(data)")
    }

    private func show(_ answer: ControlAnswer) throws {
        guard let value = try? JSONValue(answer.body) else {
            try fail("malformed", "the answer is no JSON")
        }
        if let fault = value["error"] {
            try fail(
                fault["code"]?.text ?? "failed", fault["message"]?.text ?? "it was refused")
        }
        if json {
            print(String(decoding: answer.body, as: UTF8.self), terminator: "")
        } else {
            print(ReplicationText.lines(value).joined(separator: "\n"))
        }
        let status = ReplicationText.status(value, lagMax: lag)
        if status != 0 { throw ExitCode(status) }
    }

    private func fail(_ code: String, _ message: String) throws -> Never {
        guard json else {
            print(message)
            throw ExitCode(2)
        }
        print(ReplicationText.fault(code, message))
        throw ExitCode(2)
    }
}
