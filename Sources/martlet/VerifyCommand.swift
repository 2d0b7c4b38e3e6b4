import ArgumentParser
import MartletChat
import MartletStore

/// `martlet verify`: reads all of a store and says whether it is sound.
struct VerifyCommand: AsyncParsableCommand {
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

            With --against nothing of this is done: the store is compared with another one that \
            should hold the same, cell by cell as readers see them, at the last sequence that both \
            have. Where they differ, the first rows are named, and of a directory the cell. Both \
            may be served or follow. A digest is made with --digest-to on the other machine; it \
            is good for a day.

            Exit status: 0 sound, or the same (warnings do not count); 1 not sound, with the first \
            errors by file and offset, or not the same; 2 not compared, with the reason; 64 wrong \
            usage.
            """)

    @Option(help: "The data directory.")
    var data = "./martlet-data"

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "How many errors to print.")
    var errors = 20

    @Option(help: "Another store's directory, or a file of its digest, to compare with.")
    var against: String?

    @Option(name: .customLong("digest-to"), help: "Write what the store comes to into this file.")
    var digestTo: String?

    @Option(
        name: .customLong("range-cells"),
        help: "Cells of a range that is compared; a digest file knows its own.")
    var rangeCells = StoreDigest.cellsPerRange

    func validate() throws {
        guard errors > 0 else { throw ValidationError("--errors: 1 or more") }
        guard rangeCells > 0 else { throw ValidationError("--range-cells: 1 or more") }
        guard against == nil || digestTo == nil else {
            throw ValidationError("--against or --digest-to, not both")
        }
    }

    func run() async throws {
        if against != nil || digestTo != nil { return try await compare() }
        let text = try StoreCheck.run(data, errorsKept: errors)
        print(json ? text.json : text.lines.joined(separator: "\n"))
        if !text.isSound { throw ExitCode(1) }
    }

    private func compare() async throws {
        let comparison = ComparisonRun(data, rangeCells: rangeCells)
        do throws(StoreError) {
            guard let against else {
                let path = digestTo ?? ""
                let file = try await comparison.writeDigest(to: path)
                return print(ComparisonText.digest(file, data, path, json: json))
            }
            let text = ComparisonText(try await comparison.run(against: against), data, against)
            print(json ? text.json : text.lines.joined(separator: "\n"))
            if text.report.isSame { return }
        } catch {
            print(json ? ComparisonText.failed(error) : "not compared: \(error)")
            throw ExitCode(2)
        }
        throw ExitCode(1)
    }
}
