import ArgumentParser
import MartletServer

/// `martlet failed …`
struct FailedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failed", abstract: "Look after messages that could not be stored.",
        discussion: """
            They are kept in a journal of their own and driven again when the store writes again. \
            What was refused then, or is too old, waits here.
            """,
        subcommands: [
            FailedListCommand.self, FailedRetryCommand.self, FailedDropCommand.self,
        ])
}

struct FailedListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List kept messages in the order in which they came in.")

    @Option(help: "Only those behind this number.")
    var after: UInt64 = 0

    @Option(help: "At most so many, 1 to 1000.")
    var limit = 100

    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("GET", "/v1/failed?limit=\(limit)&after=\(after)", OutboxText.failed)
    }
}

struct FailedRetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Drive one again, or all that are not too old.",
        discussion: """
            One that is named is driven however old it is: if it was stored after all more than a \
            week ago, it may then be there twice.
            """)

    @Argument(help: "Its number.")
    var id: UInt64?

    @Flag(help: "All that are not too old.")
    var all = false

    @OptionGroup var options: AdminOptions

    func validate() throws {
        if (id == nil) != all { throw ValidationError("name one, or say --all") }
    }

    func run() throws {
        let target = id.map { "/v1/failed/\($0)/retry" } ?? "/v1/failed/retry"
        try options.ask("POST", target) { answer in
            let number = { (name: String) in answer[name]?.integer ?? 0 }
            return [
                "\(number("stored")) stored, \(number("refused")) refused, "
                    + "\(number("waiting")) still waiting"
            ]
        }
    }
}

struct FailedDropCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Give one up for good.")

    @Argument(help: "Its number.")
    var id: UInt64

    @OptionGroup var options: AdminOptions

    func run() throws {
        try options.ask("DELETE", "/v1/failed/\(id)") { _ in ["\(id) is dropped"] }
    }
}
