import ArgumentParser
import MartletStore

/// `martlet-dump sst`
struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sst", abstract: "Shows a table: its properties, blocks or cells.",
        discussion: """
            Without further options: what the table says about itself, and whether every block can \
            be read. Where the file lies in a store (DIR/tables/NNN.sst), the store's manifest is \
            asked for the names of table and family, and rows of the chat are shown in parts.

            If the table's end (the footer) is lost, nothing says where its blocks are. In a store \
            the blocks are then looked for one behind the other from the file's start.
            """)

    @Argument(help: ArgumentHelp("The table file.", valueName: "file"))
    var path: String

    @Flag(help: "List the blocks: place, sizes, codec, entries, first row, and whether intact.")
    var blocks = false

    @Flag(help: "List the cells, one a line: row, qualifier, timestamp, sequence, kind, value.")
    var cells = false

    @Option(help: ArgumentHelp("With --cells: the first row, as rows are shown.", valueName: "row"))
    var from: String?

    @Option(
        help: ArgumentHelp("With --cells: the first row not shown any more.", valueName: "row"))
    var to: String?

    @Option(help: ArgumentHelp("With --cells: at most this many.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Check all that can be: checksums, order, index, filters, counts.")
    var check = false

    @OptionGroup var values: ValueOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !cells, from != nil || to != nil || limit != nil {
            throw ValidationError("--from, --to and --limit go with --cells.")
        }
        if let limit, limit < 0 { throw ValidationError("--limit is 0 or more.") }
    }

    func run() throws {
        let out = Output(isJSON: common.json)
        let file = try Environment.system.fileSystem.open(path, .read)
        let dump = TableDump(file: file, context: StoreContext(around: path), out: out)
        let range = try (bound(from, "--from", dump), bound(to, "--to", dump))
        if !blocks && !cells { dump.properties(readingBlocks: !check) }
        if blocks { dump.blocks() }
        if cells {
            dump.cells(from: range.0, to: range.1, limit: limit ?? .max, values: values.limit)
        }
        if check { dump.check() }
        try out.finish()
    }

    private func bound(_ text: String?, _ option: String, _ dump: TableDump) throws -> [UInt8] {
        guard let text else { return [] }
        if let row = dump.layout.parse(text) { return row }
        throw ValidationError("\(option): '\(text)' is neither a row's parts nor escaped bytes.")
    }
}
