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

    @OptionGroup var step: StepArguments

    func run() throws {
        let runner = StepRunner(try step.read())
        try step.write(try runner.run())
    }
}
