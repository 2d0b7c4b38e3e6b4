import ArgumentParser
import Glibc

/// The command `martlet-dump`.
@main
struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-dump",
        abstract: "Shows what lies in the files of a Martlet store.",
        discussion: """
            A store is a directory: MANIFEST-… says what it consists of, log/ holds the newest \
            batches (the write-ahead log), tables/ the sorted tables (sst files) that they are \
            later written to. Begin with `martlet-dump store DIR`.

            Nothing is ever written and no lock is taken, so it may run beside a server. Damaged \
            files are shown as far as they can be read; each damage is a line `damaged: …` with \
            file and offset on standard error.

            Bytes are shown as they are where they are printable ASCII, else as \\xNN; a backslash \
            as \\\\. Rows of the chat's tables are shown with their parts.

            With --json each line of the output is one JSON object, whose `kind` says what it is.

            Exit status: 0 all was readable; 1 something was not; 64 wrong usage.
            """,
        version: "0.1.0",
        subcommands: [
            StoreCommand.self, TableCommand.self, LogCommand.self, ManifestCommand.self,
            FailedCommand.self,
        ])

    static func main() {
        // A reader that closes the pipe early, like `head`, ends this quietly.
        signal(SIGPIPE, SIG_DFL)
        main(nil)
    }
}

/// What all subcommands can.
struct CommonOptions: ParsableArguments {
    @Flag(help: "One JSON object a line instead of text.")
    var json = false
}

/// What the subcommands can that show values.
struct ValueOptions: ParsableArguments {
    @Flag(help: "Show values whole, however long they are.")
    var full = false

    /// Bytes of a value that are shown.
    var limit: Int { full ? .max : 48 }
}
