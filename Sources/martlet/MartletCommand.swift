import ArgumentParser

/// The command `martlet`.
@main
struct MartletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "A store for messages, and a chat server on top of it.",
        version: "0.1.0",
        // One line per subcommand; each is a file of its own beside this one.
        subcommands: [
            ServeCommand.self,
            ImportCommand.self,
            VerifyCommand.self,
            BackupCommand.self,
            RestoreCommand.self,
            CompactdCommand.self,
            AdminCommand.self,
            FailedCommand.self,
            PushCommand.self,
            ConfigCommand.self,
            HealthCommand.self,
            ShipperCommand.self,
            FollowCommand.self,
            PromoteCommand.self,
            ReplicationCommand.self,
        ],
        defaultSubcommand: nil)
}
