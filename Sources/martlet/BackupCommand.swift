import ArgumentParser
import MartletServer

/// `martlet backup`: a whole copy of a store, running or not.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make a whole copy of a store, while its server runs or not.",
        discussion: """
            The server is asked over its control socket and makes a checkpoint: every message \
            acknowledged before is in it. Tables are hard links where the copy lies on the same \
            file system. Then the copy is read and checked like `martlet verify` does.

            Exit status: 0 the copy is there and sound; 1 it is not there, or not sound.
            """)

    @Option(help: "The directory to make; there must be nothing, and the one above must be there.")
    var to: String

    @Flag(name: .customLong("no-verify"), help: "Do not read the copy.")
    var noVerify = false

    @OptionGroup var control: ControlOptions

    func run() throws {
        let target = OpenData.absolute(to)
        let body = "{\"to\":\(JSONText.quoted(target))}"
        let answer = try JSONValue(
            control.call().ask("POST", "/v1/backup", body: Array(body.utf8)))
        let number = { (name: String) in answer[name]?.integer ?? 0 }
        print(
            AdminText.columns([
                ["backup", target], ["sequence", "\(number("sequence"))"],
                ["tables", "\(number("tables")) (\(number("linked")) linked)"],
                ["bytes copied", "\(number("copiedBytes"))"],
            ]).joined(separator: "\n"))
        if noVerify { return }
        let check = try StoreCheck.run(target, errorsKept: 20)
        print(check.lines.joined(separator: "\n"))
        if !check.isSound { throw ExitCode(1) }
    }
}
