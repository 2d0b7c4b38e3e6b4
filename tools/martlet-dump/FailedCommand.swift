import ArgumentParser
import MartletStore

/// `martlet-dump failed`
struct FailedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failed", abstract: "Shows a file of the journal of failed sends.",
        discussion: """
            Shows the file's head, each record (offset, type, request, sequence, bytes), where the \
            records end, and what is left to be done. A store has two such files, failed-0.journal \
            and failed-1.journal: the one with the greater generation counts.

            A record at the end that was not wholly written was acknowledged to nobody. Behind a \
            damaged one the next intact one is looked for.
            """)

    @Argument(help: ArgumentHelp("The file, DIR/failed-N.journal.", valueName: "file"))
    var path: String

    @OptionGroup var values: ValueOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let out = Output(isJSON: common.json)
        let file = try Environment.system.fileSystem.open(path, .read)
        let size = try file.size()
        guard size <= FailedDump.sizeMax else {
            out.damage(StoreError(.corruption, "too long for a journal: \(size) bytes"), in: path)
            return try out.finish()
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(size), alignment: 8)
        defer { buffer.deallocate() }
        let count = try file.read(into: buffer, at: 0)
        try FailedDump(path: path, out: out, limit: values.limit).show(
            UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        try out.finish()
    }
}

/// Shows what a file of the journal holds: docs/formats/failed.md.
struct FailedDump {
    /// Half of the most that a journal is configured to.
    static let sizeMax: UInt64 = 512 << 20
    private static let names = ["failed", "redriven", "dropped", "refused"]

    let path: String
    let out: Output
    /// Bytes of a text that are shown.
    let limit: Int

    /// - Throws: `.unsupported` for a file of a newer version.
    func show(_ file: UnsafeRawBufferPointer) throws(StoreError) {
        switch try JournalHeader.read(file) {
        case .blank:
            out.text("\(path): never begun")
            out.object("header", [("file", .string(path)), ("generation", .number(0))])
        case .damaged:
            out.damage(StoreError(.corruption, "the head is damaged", offset: 0), in: path)
        case .intact(let header):
            show(header)
            show(JournalRecords(file, header, FailedContent.init))
        }
    }

    private func show(_ header: JournalHeader) {
        var facts = Facts()
        facts.add("file", path)
        facts.add("generation", header.generation)
        facts.add("salt", Format.hex(header.salt))
        facts.add("synced up to", header.synced)
        facts.add("greatest request", header.lastID)
        facts.print("header", to: out)
        out.text()
    }

    private func show(_ records: JournalRecords<FailedContent>) {
        var left: [UInt64: Bool] = [:]
        var damaged = records.damaged[...]
        for entry in records.entries {
            while let place = damaged.first, place < entry.place.offset {
                damage(at: place)
                damaged.removeFirst()
            }
            show(entry)
            let content = entry.content
            switch content.type {
            case 1: left[content.id] = content.isRefused
            case 4: if left[content.id] != nil { left[content.id] = true }
            default: left[content.id] = nil
            }
        }
        for place in damaged { damage(at: place) }
        let refused = left.values.count { $0 }
        out.text("ends at \(records.end): \(left.count - refused) waiting, \(refused) refused")
        out.object(
            "end",
            [
                ("offset", .count(records.end)), ("waiting", .count(left.count - refused)),
                ("refused", .count(refused)),
            ])
    }

    private func damage(at place: Int) {
        out.damage(
            StoreError(.corruption, "a record is damaged", offset: UInt64(place)), in: path)
    }

    private func show(_ entry: JournalRecords<FailedContent>.Entry) {
        let (content, place) = (entry.content, entry.place)
        let type = Self.names[Int(content.type) - 1]
        out.text(
            "at \(place.offset)  \(type)  request \(content.id)  sequence \(place.sequence)"
                + "  \(entry.end - place.offset) bytes  (durable to \(place.durable))")
        var members: [(String, JSON)] = [
            ("offset", .count(place.offset)), ("type", .string(type)),
            ("request", .number(content.id)), ("sequence", .number(place.sequence)),
            ("bytes", .count(entry.end - place.offset)),
            ("durable", .number(UInt64(place.durable))),
        ]
        if let send = content.send {
            show(send)
            members += [
                ("user", .string(Format.hex(send.user))),
                ("conversation", .string(Format.hex(send.conversation))),
                ("client_message_id", .string(send.clientMessageID)),
                ("sent_at", .number(send.sentAt)), ("failed_at", .number(send.failedAt)),
                ("reply_to", send.replyTo == 0 ? .null : .number(send.replyTo)),
                ("is_refused", .bool(content.isRefused)), ("reason", .string(send.reason)),
                ("text_bytes", .count(send.text.utf8.count)),
                ("text", .string(Format.escaped(Array(send.text.utf8), limit: limit))),
            ]
        } else if !content.reason.isEmpty {
            out.text("    \(Format.escaped(Array(content.reason.utf8)))")
            members.append(("reason", .string(content.reason)))
        }
        out.object("record", members)
    }

    private func show(_ send: FailedSend) {
        func shown(_ text: String, limit: Int = .max) -> String {
            Format.escaped(Array(text.utf8), limit: limit)
        }
        let reply = send.replyTo == 0 ? "" : "  in reply to \(send.replyTo)"
        out.text(
            "    user \(Format.hex(send.user))  conversation \(Format.hex(send.conversation))"
                + "  send \(shown(send.clientMessageID))\(reply)")
        out.text(
            "    sent \(Format.time(send.sentAt))  failed \(Format.time(send.failedAt)):"
                + " \(shown(send.reason))")
        out.text("    = \(shown(send.text, limit: limit))")
    }
}
