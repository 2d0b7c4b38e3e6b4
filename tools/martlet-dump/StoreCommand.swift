import ArgumentParser
import MartletStore

/// `martlet-dump store`
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Shows a store: tables, families, levels, files, log segments.",
        discussion: """
            Level 0 of a family holds what was flushed last, newest first; each deeper level is \
            one sorted run, cut into files. What is only in the log is not in a level yet.

            Of each file only the ends are read; --check reads everything. Files that nobody names \
            are shown as orphans: a crash left them, or a flush is just writing them.
            """)

    @Argument(help: ArgumentHelp("The store's directory.", valueName: "dir"))
    var directory: String

    @Flag(help: "Read every block, record and edit, and say what is wrong.")
    var check = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let out = Output(isJSON: common.json)
        var dump = StoreDump(directory: directory, out: out)
        try dump.run(opensFiles: !check)
        if check { try dump.check() }
        try out.finish()
    }
}

/// Shows what a store's directory holds.
struct StoreDump {
    let directory: String
    let out: Output
    private let fileSystem = Environment.system.fileSystem
    private var context = StoreContext(state: nil)

    init(directory: String, out: Output) {
        self.directory = directory
        self.out = out
    }

    mutating func run(opensFiles: Bool) throws {
        var errors: [StoreError] = []
        var result: ManifestInspection.Result?
        do throws(StoreError) {
            result = try ManifestInspection.run(fileSystem, directory: directory) { event in
                if case .damage(let error) = event { errors.append(error) }
            }
        } catch {
            if error.code == .notFound { throw error }
            errors.append(error)
        }
        for error in errors { out.damage(error, in: directory) }
        if case .torn(let cut) = result?.end {
            out.damage(
                StoreError(
                    .corruption, "the last edit was not wholly written", path: cut.path,
                    offset: cut.offset), in: directory)
        }
        if let state = result?.state {
            context = StoreContext(state: state)
            show(state, manifest: result?.path ?? "")
            for (tree, family) in state.families.sorted(by: { $0.key < $1.key }) {
                show(family, tree, state.files[tree] ?? [:], opensFiles: opensFiles)
            }
        }
        showOrphans(named: result?.state?.fileNumbers ?? [])
        showLog(minimum: result?.state?.minLogSegment ?? 0)
    }

    private func show(_ state: ManifestState, manifest: String) {
        var facts = Facts()
        facts.add("store", "\(state.storeID)")
        facts.add("manifest", manifest)
        facts.add("epoch", state.epoch)
        facts.add("tables", state.tables.count)
        facts.add("families", state.families.count)
        facts.add("last sequence in tables", state.lastSequence)
        facts.print("store", to: out)
    }

    private func show(
        _ family: ManifestState.FamilyEntry, _ tree: UInt32, _ levels: ManifestState.Levels,
        opensFiles: Bool
    ) {
        let files = levels.values.flatMap(\.values)
        let bytes = files.reduce(0) { $0 + $1.size }
        let cells = files.reduce(0) { $0 + $1.cellCount }
        out.text()
        out.text(
            "\(family.table)/\(family.schema.name) (tree \(tree)): "
                + "\(Format.plural(files.count, "file", "files")), \(Format.count(bytes)) bytes, "
                + Format.plural(cells, "cell", "cells"))
        out.object(
            "family",
            [
                ("table", .string(family.table)), ("family", .string(family.schema.name)),
                ("tree", .number(UInt64(tree))), ("files", .count(files.count)),
                ("bytes", .number(bytes)), ("cells", .number(cells)),
            ])
        var columns = Columns()
        let layout = context.layout(tree)
        for (level, files) in levels.sorted(by: { $0.key < $1.key }) {
            let sorted = files.values.sorted {
                level == 0
                    ? $0.number > $1.number
                    : $0.smallestRow.lexicographicallyPrecedes($1.smallestRow)
            }
            for file in sorted {
                let end = file.largestRow.isEmpty ? "the end" : layout.text(file.largestRow)
                columns.add([
                    "level \(level)", FileName.table(file.number),
                    Format.plural(file.size, "byte", "bytes"),
                    Format.plural(file.cellCount, "cell", "cells"),
                    "\(layout.text(file.smallestRow)) … \(end)",
                ])
                if out.isJSON { TableDump.facts(file, context).print("file", to: out) }
                if opensFiles { open(file) }
            }
        }
        columns.print(to: out, indent: "  ")
    }

    /// Says where a file is not what the manifest says.
    private func open(_ metadata: TableMetadata) {
        let path = "\(directory)/\(FileName.tableDirectory)/\(FileName.table(metadata.number))"
        do throws(StoreError) {
            let file = try fileSystem.open(path, .read)
            let table = try TableReader.open(
                file: file, cache: nil, expecting: metadata.tableID)
            if table.properties.fileSize != metadata.size {
                let message = "the manifest says \(metadata.size) bytes"
                throw StoreError(.corruption, message, path: path)
            }
        } catch {
            out.damage(error, in: path)
        }
    }

    private func showOrphans(named: Set<UInt64>) {
        let path = "\(directory)/\(FileName.tableDirectory)"
        let names = ((try? fileSystem.list(path)) ?? []).sorted().filter { name in
            FileName.tableNumber(name).map { !named.contains($0) } ?? true
        }
        if names.isEmpty { return }
        out.text()
        out.text("orphans: files that the manifest does not name")
        for name in names {
            let size = (try? fileSystem.open("\(path)/\(name)", .read).size()) ?? 0
            out.text("  \(name)  \(Format.count(size)) bytes")
            out.object("orphan", [("name", .string(name)), ("bytes", .number(size))])
        }
    }

    private func showLog(minimum: UInt64) {
        let path = "\(directory)/\(FileName.logDirectory)"
        let ids = ((try? fileSystem.list(path)) ?? []).compactMap(LogFormat.segment(ofName:))
        out.text()
        out.text("log: \(Format.plural(ids.count, "segment", "segments"))")
        var columns = Columns()
        for id in ids.sorted() {
            let path = LogFormat.segmentPath(path, id)
            do throws(StoreError) {
                let file = try fileSystem.open(path, .read)
                let size = try file.size()
                let header = try LogReader(file: file, fileID: id).header(LogFormat.segmentMagic)
                let isNeeded = id >= minimum
                columns.add([
                    "\(LogFormat.padded(id)).log", "\(Format.count(size)) bytes",
                    header.map { "from sequence \($0.firstSequence), epoch \($0.epoch)" } ?? "",
                    isNeeded ? "needed" : "to be used again",
                ])
                out.object(
                    "segment",
                    [
                        ("id", .number(id)), ("bytes", .number(size)),
                        ("first_sequence", .number(header?.firstSequence)),
                        ("needed", .bool(isNeeded)),
                    ])
                if isNeeded, header?.fileID != id {
                    throw StoreError(
                        .corruption, "the segment's header is damaged", path: path, offset: 0)
                }
            } catch {
                out.damage(error, in: path)
            }
        }
        columns.print(to: out, indent: "  ")
    }

    // MARK: Checking

    func check() throws {
        let report = try StoreVerifier.run(directory: directory, environment: .system)
        for error in report.errors {
            out.damage(
                StoreError(.corruption, error.message, path: error.path, offset: error.offset),
                in: directory)
        }
        for warning in report.warnings { out.text("note: \(warning)") }
        let what = report.isSound ? "sound" : Format.plural(report.errorCount, "error", "errors")
        out.text()
        out.text(
            "check: \(what); read \(Format.plural(report.files, "table", "tables")), "
                + "\(Format.count(report.blocks)) blocks, \(Format.count(report.cells)) cells, "
                + "\(Format.count(report.records)) log records, "
                + "\(Format.count(report.edits)) edits, \(Format.count(report.bytes)) bytes")
        out.object(
            "check",
            [
                ("sound", .bool(report.isSound)), ("errors", .count(report.errorCount)),
                ("warnings", .array(report.warnings.map { .string($0.description) })),
                ("tables", .number(report.files)), ("blocks", .number(report.blocks)),
                ("cells", .number(report.cells)), ("records", .number(report.records)),
                ("edits", .number(report.edits)), ("bytes", .number(report.bytes)),
            ])
    }
}
