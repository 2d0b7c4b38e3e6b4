import ArgumentParser
import Glibc
import MartletChat
import MartletStore

/// `martlet import ...`
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring messages from elsewhere into a store.",
        subcommands: [ImportIRCCommand.self])
}

/// `martlet import irc ...`
struct ImportIRCCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "irc", abstract: "Import IRC logs of lines like '[HH:MM] <nick> text'.",
        discussion: """
            A channel, called as the file's server lines call it (like '#ubuntu'), becomes a group
            of this name, owned by a user of this name. Nicks become users without a password, and
            members of the group from the first file on in which they speak. All messages go to the
            group. They are history: they are in nobody's inbox, and they count as read; at the end
            each member's inbox gets one event, which leads to the last message.

            The day is taken from a file name that begins with YYYY-MM-DD, the time from the line
            (UTC); past midnight the next day begins. Server lines ('=== ...') and actions
            ('* nick ...') are counted, not stored. Bytes that are not UTF-8 become U+FFFD.

            Running it again imports nothing twice, also after it was killed.
            """)

    @Argument(help: ArgumentHelp("Log files, or directories of them.", valueName: "file-or-dir"))
    var paths: [String]

    @Option(help: "The store's directory; made if missing.")
    var data: String

    @Option(help: "The channel where a file names none.")
    var channel = "#irc"

    func run() throws {
        let store = try Store.open(at: data)
        var options = ChatOptions()
        options.durability = .written
        options.repeatLifetime = nil
        let chat = try ChatService.open(store, options: options)
        let bar = ImportProgress(isTerminal: isatty(2) == 1)
        let summary = try IRCImporter(chat, channel: channel) { bar.show($0) }.run(paths)
        bar.end()
        chat.close()
        try store.flush()
        let counts = try ChatCounts(store)
        let statistics = store.statistics()
        let bytes = statistics.levels.reduce(statistics.logBytes) { $0 + $1.bytes }
        try store.close()
        print(
            """
            files          \(summary.files)
            lines          \(summary.lines)
            messages       \(summary.messages)
              new          \(summary.new)
              there before \(summary.alreadyThere)
            channels       \(summary.channels)
            users          \(counts.users) (\(summary.newUsers) new)
            groups         \(counts.groups)
            repaired lines \(summary.repairedLines)
            """)
        for (reason, count) in summary.skipped.sorted(by: { $0.key < $1.key }) {
            print("skipped        \(count) (\(reason))")
        }
        print(
            """
            seconds        \(Double(summary.microseconds / 1_000) / 1_000)
            messages/s     \(Int(summary.messagesPerSecond))
            bytes on disk  \(bytes)
            """)
    }
}

/// One line that is redrawn on a terminal; a line every few seconds elsewhere.
final class ImportProgress {
    private let isTerminal: Bool
    private var next: UInt64 = 0

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    func show(_ summary: ImportSummary) {
        guard isTerminal || summary.microseconds >= next else { return }
        next = summary.microseconds + 5_000_000
        let share = Double(summary.bytesRead) / Double(max(1, summary.totalBytes))
        let left = Double(summary.microseconds) / 1e6 * (1 - share) / max(share, 1e-6)
        let text =
            "\(Int(share * 100))%  \(summary.new + summary.alreadyThere) messages  "
            + "\(Int(summary.messagesPerSecond))/s  \(Int(left)) s left"
        if isTerminal {
            let full = Int(share * 30)
            let bar =
                String(repeating: "#", count: full) + String(repeating: ".", count: 30 - full)
            tell("\r[\(bar)] \(text)\u{1b}[K")
        } else {
            tell(text + "\n")
        }
    }

    func end() {
        if isTerminal { tell("\n") }
    }

    private func tell(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
