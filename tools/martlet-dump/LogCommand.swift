import ArgumentParser
import MartletStore

/// `martlet-dump wal`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wal", abstract: "Shows a segment of the log (write-ahead log).",
        discussion: """
            Shows the segment's header, each record (offset, type, sequence, epoch, bytes), where \
            the records end and why. Behind a damaged record the next intact one is looked for.

            A record at the end that was not wholly written is what a crash leaves (or, beside a \
            running server, a write that is going on): the store cuts it when it is opened.
            """)

    @Argument(help: ArgumentHelp("The log segment, DIR/log/NNN.log.", valueName: "file"))
    var path: String

    @Flag(help: "Show each batch's mutations.")
    var mutations = false

    @OptionGroup var values: ValueOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let out = Output(isJSON: common.json)
        let file = try Environment.system.fileSystem.open(path, .read)
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        // A copy under another name can be read by the id in its header.
        let header = try LogReader(file: file, fileID: 0).header(LogFormat.segmentMagic)
        let id = LogFormat.segment(ofName: name) ?? header?.fileID ?? 0
        let dump = LogDump(
            path: path, context: StoreContext(around: path), out: out,
            values: mutations ? values.limit : nil)
        let end = try LogInspection.run(file: file, fileID: id, magic: LogFormat.segmentMagic) {
            dump.show($0)
            return true
        }
        dump.show(end)
        try out.finish()
    }
}

/// Shows the records of a log segment.
struct LogDump {
    let path: String
    let context: StoreContext
    let out: Output
    /// Bytes of each value that are shown; `nil` where mutations are not.
    let values: Int?

    func show(_ event: LogInspection.Event) {
        switch event {
        case .header(let header): LogDump.show(header, path, out)
        case .damage(let error): out.damage(error, in: path)
        case .record(let record, let offset, let payload): show(record, offset, payload)
        }
    }

    /// The header of a segment or manifest.
    static func show(_ header: LogHeader, _ path: String, _ out: Output) {
        var facts = Facts()
        facts.add("file", path)
        facts.add("id", header.fileID)
        facts.add("format", header.version)
        facts.add("store", "\(header.storeID)")
        facts.add("epoch", header.epoch)
        facts.add("first sequence", header.firstSequence)
        facts.add("capacity", header.capacity)
        facts.print("header", to: out)
        out.text()
    }

    private func show(
        _ record: LogRecordHeader, _ offset: UInt64, _ payload: UnsafeRawBufferPointer
    ) {
        let type = record.type.map { "\($0)" } ?? "?"
        let count = record.type == .batch ? LogBatch.mutationCount(payload) : nil
        let many = count.map { "  " + Format.plural($0, "mutation", "mutations") } ?? ""
        out.text(
            "at \(offset)  \(type)  sequence \(record.sequence)  epoch \(record.epoch)"
                + "  \(Format.plural(record.recordSize, "byte", "bytes"))\(many)"
                + "  (durable to \(record.durableOffset))")
        out.object(
            "record",
            [
                ("offset", .number(offset)), ("type", .string(type)),
                ("sequence", .number(record.sequence)), ("epoch", .number(UInt64(record.epoch))),
                ("bytes", .count(record.recordSize)),
                ("payload_bytes", .number(UInt64(record.payloadCount))),
                ("durable_offset", .number(UInt64(record.durableOffset))),
                ("mutations", .number(count)),
            ])
        guard let values, record.type == .batch else { return }
        do throws(StoreError) {
            try mutations(payload, record.sequence, values)
        } catch {
            out.damage(StoreError(error.code, error.message, path: path, offset: offset), in: path)
        }
    }

    private func mutations(
        _ payload: UnsafeRawBufferPointer, _ sequence: UInt64, _ limit: Int
    ) throws(StoreError) {
        var decoder = try BatchDecoder(payload: payload, firstSequence: sequence)
        while let mutation = try decoder.next() {
            let family = context.name(decoder.tree)
            let layout = context.layout(decoder.tree)
            switch mutation {
            case .cell(let cell):
                CellText.show(
                    cell, layout, out, limit: limit, family: family)
            case .range(let start, let end, let sequence):
                let to = end.isEmpty ? "the end" : layout.text(end)
                out.text(
                    "    \(family)  rows from \(layout.text(start)) to before \(to)"
                        + "  sequence \(sequence)  deleteRange")
                out.object(
                    "mutation",
                    [("family", .string(family)), ("type", .string("deleteRange"))]
                        + layout.members(start, prefix: "start_")
                        + layout.members(end, prefix: "end_") + [("sequence", .number(sequence))])
            }
        }
    }

    func show(_ end: LogInspection.End) {
        let (what, offset): (String, UInt64) =
            switch end {
            case .sealed(let offset): ("sealed: nothing of this segment follows", offset)
            case .live(let offset): ("open: room for the next record", offset)
            case .torn(let cut): ("torn: \(cut.bytes) bytes were not wholly written", cut.offset)
            case .stopped(let offset): ("stopped", offset)
            }
        out.text("ends at \(offset), \(what)")
        out.object("end", [("offset", .number(offset)), ("reason", .string(what))])
        guard case .torn(let cut) = end else { return }
        let error = StoreError(
            .corruption, "a record was not wholly written; opening the store cuts it",
            path: cut.path, offset: cut.offset)
        out.damage(error, in: path)
    }
}
