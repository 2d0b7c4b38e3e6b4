import ArgumentParser
import MartletChat
import MartletStore

/// `martlet verify`: reads all of a store and says whether it is sound.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read all of a store and say whether it is sound.",
        discussion: """
            First the files: every manifest edit, every block of every table, every record of the \
            log is read; checksums, order, counts and references are checked. If they are sound, \
            the chat: every user's inbox and conversations have their numbers without gap or \
            double, every inbox event leads to a message that the user may read, both sides of a \
            conversation agree, every stay in a group begins and ends with its notice.

            Nothing is written and no lock is taken. On a closed store the answer is about the \
            store. Beside a running server it is about what was on the disk when the reading of \
            each part began: writes of that moment may be missing, and files that the server \
            replaces meanwhile are looked up again.

            Exit status: 0 sound (warnings do not count); 1 not sound, with the first errors by \
            file and offset; 64 wrong usage.
            """)

    @Option(help: "The data directory.")
    var data = "./martlet-data"

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "How many errors to print.")
    var errors = 20

    func validate() throws {
        guard errors > 0 else { throw ValidationError("--errors: 1 or more") }
    }

    func run() throws {
        let text = try StoreCheck.run(data, errorsKept: errors)
        print(json ? text.json : text.lines.joined(separator: "\n"))
        if !text.isSound { throw ExitCode(1) }
    }
}
