import ArgumentParser

/// `martlet config …`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration.",
        subcommands: [ConfigCheckCommand.self, ConfigPrintDefaultCommand.self])
}

/// `martlet config check [FILE]`
struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Print every key's effective value and where it comes from.",
        discussion: """
            A flag is stronger than the environment, the environment than the file, the file than \
            the default. Unknown keys and wrong values are errors, with the line they are in.

            Exit status: 0 a server would start with it; 1 not.
            """)

    @Argument(help: "The configuration file.")
    var file: String?

    @OptionGroup var options: ConfigOptions

    func run() throws {
        var options = options
        options.config = file ?? options.config
        print(ConfigText.effective(try options.load()).joined(separator: "\n"))
    }
}

/// `martlet config print-default`
struct ConfigPrintDefaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print-default",
        abstract: "Print a configuration file with every key, its default and its meaning.")

    @Flag(help: "Print the rows of the documentation's table instead.")
    var markdown = false

    func run() throws {
        print((markdown ? ConfigText.rows() : ConfigText.file()).joined(separator: "\n"))
    }
}
