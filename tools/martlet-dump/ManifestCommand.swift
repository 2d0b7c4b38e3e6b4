import ArgumentParser
import MartletStore

/// `martlet-dump manifest`
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Shows the manifest: what the store consists of.",
        discussion: """
            Each edit is one durable change of the set of tables, families and files. The first \
            one of a manifest is the whole state; each opening of the store begins a new \
            manifest. Edits behind a damaged one are shown, but not part of the --state.
            """)

    @Argument(help: ArgumentHelp("The store's directory.", valueName: "dir"))
    var directory: String

    @Flag(help: "Show what all edits together come to, in place of the edits.")
    var state = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let out = Output(isJSON: common.json)
        // Families are known by the edits in front; damage must not take that away.
        var dump = ManifestDump(
            context: StoreContext(directory: directory), out: out, isWhole: state)
        let result = try ManifestInspection.run(
            Environment.system.fileSystem, directory: directory
        ) { dump.show($0, in: directory) }
        if state, let state = result.state { dump.show(state, edits: result.edits) }
        if let end = result.end { dump.show(end, in: result.path) }
        try out.finish()
    }
}

/// Shows the edits of a manifest.
struct ManifestDump {
    let context: StoreContext
    let out: Output
    /// Only the whole state is shown, not its edits.
    let isWhole: Bool

    mutating func show(_ event: ManifestInspection.Event, in directory: String) {
        switch event {
        case .header(let header):
            let path = "\(directory)/MANIFEST-\(LogFormat.padded(header.fileID))"
            if !isWhole { LogDump.show(header, path, out) }
        case .damage(let error):
            out.damage(error, in: directory)
        case .edit(let edit, let number, let offset, let size):
            if isWhole { return }
            out.text("edit \(number) at \(offset), \(Format.plural(size, "byte", "bytes"))")
            for field in edit.fields { out.text("    " + text(field)) }
            out.object(
                "edit",
                [
                    ("number", .number(number)), ("offset", .number(offset)),
                    ("bytes", .count(size)),
                    ("fields", .array(edit.fields.map { .string(text($0)) })),
                ])
        }
    }

    func show(_ end: LogInspection.End, in path: String) {
        switch end {
        case .torn(let cut):
            out.damage(
                StoreError(
                    .corruption, "the last edit was not wholly written; opening cuts it",
                    path: cut.path, offset: cut.offset), in: path)
        case .live(let offset), .sealed(let offset), .stopped(let offset):
            if !isWhole { out.text("ends at \(offset)") }
            out.object("end", [("offset", .number(offset))])
        }
    }

    private func text(_ field: ManifestEdit.Field) -> String {
        switch field {
        case .storeID(let id): "store \(id)"
        case .epoch(let epoch): "epoch \(epoch)"
        case .formatVersion(let version): "store format \(version)"
        case .nextFileNumber(let number): "next file number \(number)"
        case .nextTree(let tree): "next tree \(tree)"
        case .lastSequence(let sequence): "last sequence \(sequence)"
        case .lastTimestamp(let time): "last timestamp \(Format.time(time))"
        case .createTable(let name): "create table \(name)"
        case .createFamily(let tree, let table, let schema):
            "create family \(table)/\(schema.name), tree \(tree): \(ManifestDump.text(schema))"
        case .dropFamily(let tree): "drop family \(context.name(tree)), tree \(tree)"
        case .addFile(let file): "add file " + text(file)
        case .removeFile(let tree, let level, let number):
            "remove file \(number) of \(context.name(tree)), level \(level)"
        case .flushedSequence(let tree, let sequence):
            "flushed \(context.name(tree)) up to sequence \(sequence)"
        case .minLogSegment(let segment): "oldest log segment needed \(segment)"
        case .checkpoint(let isOne): isOne ? "a checkpoint" : "a checkpoint no more"
        case .term(let term): "term " + ManifestDump.text(term)
        case .role(let role): "role \(role)"
        case .promise(let id): "promised \(ManifestDump.text(id))"
        case .cut(let sequence): "the log is cut behind sequence \(sequence)"
        case .cutDone: "the cut is done"
        case .readersWaitFor(let count):
            "readers wait for \(Format.plural(UInt64(count), "follower", "followers"))"
        }
    }

    private func text(_ file: TableMetadata) -> String {
        let layout = context.layout(file.tree)
        let end = file.largestRow.isEmpty ? "the end" : layout.text(file.largestRow)
        return "\(file.number) to \(context.name(file.tree)), level \(file.level): "
            + "\(Format.plural(file.size, "byte", "bytes")), "
            + "\(Format.plural(file.cellCount, "cell", "cells")), "
            + "sequences \(file.minSequence) to \(file.maxSequence), "
            + "rows \(layout.text(file.smallestRow)) to \(end)"
    }

    static func text(_ term: Term) -> String {
        "\(text(term.id)) from sequence \(term.firstSequence)"
            + (term.keepsCursors ? ", cursors hold" : "")
    }

    static func text(_ id: TermID) -> String {
        "\(id.epoch)/\(String(id.incarnation, radix: 16))"
    }

    static func text(_ schema: FamilySchema) -> String {
        let versions = schema.maxVersions.map { Format.plural($0, "version", "versions") }
        let lifetime = schema.timeToLive.map { ", ttl \($0) µs" } ?? ""
        let filter =
            switch schema.filter {
            case .none: "no filter"
            case .row: "row filter"
            case .rowAndPrefix(let length): "row and \(length)-byte prefix filters"
            }
        return "\(versions ?? "all versions")\(lifetime), \(schema.compression), at the bottom "
            + "\(schema.bottomCompression), blocks of \(schema.blockSize), \(filter)"
    }

    func show(_ state: ManifestState, edits: Int) {
        var facts = Facts()
        facts.add("store", "\(state.storeID)")
        facts.add("edits", edits)
        facts.add("epoch", state.epoch)
        facts.add("store format", state.formatVersion)
        facts.add("next file number", state.nextFileNumber)
        facts.add("next tree", state.nextTree)
        facts.add("last sequence", state.lastSequence)
        facts.add(time: "last timestamp", state.lastTimestamp)
        facts.add("oldest log segment", state.minLogSegment)
        facts.add("role", "\(state.role)")
        facts.add("promise", ManifestDump.text(state.promise))
        let terms = state.history.terms.map { ManifestDump.text($0) }
        facts.add("terms", terms.joined(separator: "; "))
        if state.readersWaitFor > 0 {
            facts.add("followers readers wait for", state.readersWaitFor)
        }
        if let cut = state.unfinishedCut { facts.add("log is cut behind", cut) }
        if state.isCheckpoint { facts.add("checkpoint", "yes: not opened for writing yet") }
        facts.print("state", to: out)
        for (tree, family) in state.families.sorted(by: { $0.key < $1.key }) {
            out.text()
            var facts = Facts()
            facts.add("family", "\(family.table)/\(family.schema.name)")
            facts.add("tree", tree)
            facts.add("schema", ManifestDump.text(family.schema))
            facts.add("flushed up to", state.flushedSequences[tree] ?? 0)
            facts.print("family", to: out)
            for (_, files) in (state.files[tree] ?? [:]).sorted(by: { $0.key < $1.key }) {
                for file in files.values.sorted(by: { $0.number < $1.number }) {
                    out.text("  file " + text(file))
                    if out.isJSON { TableDump.facts(file, context).print("file", to: out) }
                }
            }
        }
    }
}
