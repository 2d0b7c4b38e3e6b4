import ArgumentParser

/// `martlet compactd`: merges a running server's tables in a process of its own.
struct CompactdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compactd",
        abstract: "Merge a running server's tables in a process of its own.",
        discussion: """
            The server offers its compactions over a socket in the data directory; any number of \
            daemons take them, each as many at once as --jobs says. Without one the server \
            compacts by itself. A daemon may be stopped or killed at any moment: what it has \
            finished of a job is kept, and the next one, or the server, goes on behind it.
            """,
        subcommands: [CompactdRunCommand.self, CompactdStatusCommand.self],
        defaultSubcommand: CompactdRunCommand.self)
}
