import ArgumentParser
import MartletStore

/// `martlet restore`: a live store out of a backup.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a store out of a backup.",
        discussion: """
            The backup is read and checked first, and stays as it is. The new store has a higher \
            epoch than any before, so every client starts afresh with what it holds. No server may \
            have the data directory open.

            Exit status: 0 the store is there; 1 it is as it was.
            """)

    @Option(help: "The backup, or the directory of a stopped store.")
    var from: String

    @Option(help: "The data directory to make.")
    var data: String?

    @Flag(help: "Move what is in the data directory aside; it is never deleted.")
    var force = false

    @Flag(name: .customLong("no-verify"), help: "Do not read the backup first.")
    var noVerify = false

    @OptionGroup var configuration: ConfigOptions

    func run() throws {
        let config = try configuration.load(data.map { [("data", $0)] } ?? [])
        let target = config.text("server.data")
        if !noVerify {
            let check = try StoreCheck.run(from, errorsKept: 20)
            print(check.lines.joined(separator: "\n"))
            guard check.isSound else { throw ExitCode(1) }
        }
        let stamp = Timestamp.now() / 1_000_000
        var trimmed = target
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        let aside = "\(trimmed).before-restore-\(stamp)"
        let report: CheckpointReport
        do throws(StoreError) {
            report = try Store.restore(
                from: from, to: target, movingAside: force ? aside : nil)
        } catch {
            let hint =
                error.code == .alreadyExists && !force ? "; --force moves it aside" : ""
            throw Complaint(description: "\(error)\(hint)")
        }
        print("restored \(target): epoch \(report.epoch), \(report.tables) tables")
        if force, Environment.system.fileSystem.exists(aside) {
            print("what was there is in \(aside)")
        }
    }
}
