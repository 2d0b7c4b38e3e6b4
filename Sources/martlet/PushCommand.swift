import ArgumentParser
import MartletServer

/// `martlet push …`
struct PushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Look after pushes that were given up.",
        subcommands: [PushListCommand.self, PushRetryCommand.self, PushDropCommand.self])
}

struct PushListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List pushes that were given up, or those that wait.")

    @Flag(help: "Those that wait to be sent, in place of those that were given up.")
    var pending = false

    @Option(help: "Only those behind this one. Not with --pending.")
    var after: String?

    @Option(help: "At most so many, 1 to 1000.")
    var limit = 100

    @OptionGroup var options: AdminOptions

    func validate() throws {
        if pending && after != nil { throw ValidationError("--after is not for --pending") }
    }

    func run() throws {
        let after = after.map { "&after=\(PercentCoding.encode($0))" } ?? ""
        let path = pending ? "/v1/pushes" : "/v1/pushes/dead"
        try options.ask("GET", "\(path)?limit=\(limit)\(after)") {
            OutboxText.pushes($0, pending ? "pending" : "dead")
        }
    }
}

/// One dead letter, or all.
struct DeadPushes: ParsableArguments {
    @Argument(help: "Its id.")
    var id: String?

    @Flag(help: "All there are.")
    var all = false

    func validate() throws {
        if (id == nil) != all { throw ValidationError("name one, or say --all") }
    }

    var path: String {
        "/v1/pushes/dead" + (id.map { "/\(PercentCoding.encode($0))" } ?? "")
    }
}

struct PushRetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Send one that was given up again, or all of them.")

    @OptionGroup var pushes: DeadPushes
    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("POST", pushes.path + "/retry") { answer in
            ["\(answer["retried"]?.integer ?? 0) in the outbox again"]
        }
    }
}

struct PushDropCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Forget one that was given up, or all of them.")

    @OptionGroup var pushes: DeadPushes
    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("DELETE", pushes.path) { answer in
            ["\(answer["dropped"]?.integer ?? 0) dropped"]
        }
    }
}
