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
        let report: StoreVerifier.Report
        do {
            report = try StoreVerifier.run(
                directory: data, environment: .system, errorsKept: errors)
        } catch {
            throw OpenData.explain(error, data)
        }
        let chat = report.isSound ? try verifyChat() : nil
        let text = VerifyText(report: report, chat: chat, data: data)
        print(json ? text.json : text.lines.joined(separator: "\n"))
        if !report.isSound || chat?.errorCount ?? 0 > 0 { throw ExitCode(1) }
    }

    /// The chat's part; `nil` where there is no chat in the store.
    private func verifyChat() throws -> ChatVerifier.Report? {
        var attempt = 0
        while true {
            attempt += 1
            do throws(StoreError) {
                var options = StoreOptions()
                options.readOnly = true
                let store = try Store.open(at: data, options: options)
                guard store.tables.contains(where: { $0.name == "messages" }) else { return nil }
                var verifier = try ChatVerifier(store, errorsKept: errors)
                return try verifier.run()
            } catch {
                // Files were sound a moment ago: a server beside this has moved them.
                if attempt == 3 { throw OpenData.explain(error, data) }
            }
        }
    }
}
