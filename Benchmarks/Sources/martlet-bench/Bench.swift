import ArgumentParser
import Foundation

@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-bench",
        abstract: "Measures Martlet against its peers, both on this machine.",
        subcommands: [
            StoreCommand.self, StepCommand.self, InterferenceCommand.self,
            InterferenceStepCommand.self, ChatCommand.self, HoldCommand.self,
            ReplicationCommand.self, ReplicationStepCommand.self,
        ])
}

/// Runs one step in a process of its own; started by `store`.
struct StepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "step", shouldDisplay: false)

    @Option(help: "The assignment, JSON.")
    var assignment: String

    @Option(help: "Where the result goes, JSON.")
    var result: String

    func run() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: assignment))
        let runner = StepRunner(try JSONDecoder().decode(Assignment.self, from: data))
        let measured = try runner.run()
        try JSONEncoder().encode(measured).write(to: URL(fileURLWithPath: result))
    }
}
