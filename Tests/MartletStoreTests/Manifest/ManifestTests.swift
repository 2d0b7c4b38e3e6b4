import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The manifest") struct ManifestTests {
    @Test("edits are read back as the state that they made")
    func roundTrip() throws {
        var manifest = try ManifestFixture()
        let writer = try manifest.writer()
        try writer.append(ManifestFixture.start, to: &manifest.state)
        for number in UInt64(1)...20 {
            try writer.append(ManifestFixture.edit(number), to: &manifest.state)
        }
        let result = try manifest.read()
        #expect(result.state == manifest.state)
        #expect(result.number == 1)
        #expect(result.edits == 22)
        #expect(result.cut == nil)
        #expect(result.state.storeID == ManifestFixture.storeID)
        #expect(result.state.nextFileNumber == 21)
        #expect(result.state.minLogSegment == 11)
        #expect(result.state.families[1]?.schema.filter == .rowAndPrefix(length: 10))
        #expect(result.state.families[1]?.schema.maxVersions == nil)
    }

    @Test("a snapshot makes the same state, and keeps the ids of what is gone")
    func snapshot() throws {
        var state = ManifestState(storeID: ManifestFixture.storeID)
        try state.apply(ManifestFixture.start)
        for number in UInt64(1)...20 { try state.apply(ManifestFixture.edit(number)) }
        try state.apply(ManifestEdit([.dropFamily(tree: 2)]))
        try state.apply(
            ManifestEdit([
                .term(Term(epoch: 2, incarnation: 5, firstSequence: 7, keepsCursors: true)),
                .term(Term(epoch: 2, incarnation: 6, firstSequence: 9, keepsCursors: true)),
                .role(.deposed), .promise(TermID(epoch: 3, incarnation: 1)), .cut(after: 7),
                .readersWaitFor(2),
            ]))
        var copy = ManifestState(storeID: ManifestFixture.storeID)
        let bytes = state.snapshot.encoded()
        try copy.apply(try bytes.withUnsafeBytes { try ManifestEdit(decoding: $0) })
        #expect(copy == state)
        #expect(copy.nextTree == 3 && copy.readersWaitFor == 2)
        #expect(copy.fileNumbers.count == state.fileNumbers.count)
    }

    @Test("a manifest that has grown is replaced by a short one, and the old one removed")
    func rotation() throws {
        var manifest = try ManifestFixture()
        let writer = try manifest.writer(rotationSize: 4096)
        try writer.append(ManifestFixture.start, to: &manifest.state)
        for number in UInt64(1)...200 {
            try writer.append(ManifestFixture.edit(number), to: &manifest.state)
            if number > 1, number % 3 == 1 {
                try writer.append(
                    ManifestEdit([.removeFile(tree: 1, level: 0, number: number)]),
                    to: &manifest.state)
            }
        }
        #expect(writer.number > 1)
        let result = try manifest.read()
        #expect(result.number == writer.number)
        #expect(result.state == manifest.state)
        let names = try manifest.disk.list(ManifestFixture.directory)
        #expect(names.count { $0.hasPrefix("MANIFEST-") } == 1)
    }

    @Test("no CURRENT is no store")
    func noCurrent() throws {
        let manifest = try ManifestFixture()
        #expect(storeError { _ = try manifest.read() }?.code == .notFound)
    }

    @Test("unknown optional fields are skipped, unknown required ones are refused")
    func unknownFields() throws {
        let known = ManifestEdit([.epoch(4)]).encoded()
        let optional: [UInt8] = [17, 3, 0, 0, 0, 1, 2, 3]
        let edit = try (optional + known + optional).withUnsafeBytes {
            try ManifestEdit(decoding: $0)
        }
        #expect(edit == ManifestEdit([.epoch(4)]))
        let required: [UInt8] = [200, 3, 0, 0, 0, 1, 2, 3]
        let error = storeError {
            _ = try (known + required).withUnsafeBytes { try ManifestEdit(decoding: $0) }
        }
        #expect(error?.code == .unsupported)
    }

    @Test("every truncated edit is a prefix of its fields or corruption")
    func truncatedEdits() throws {
        let edit = ManifestEdit(ManifestFixture.start.fields + ManifestFixture.edit(6).fields)
        let bytes = edit.encoded()
        for length in 0..<bytes.count {
            do {
                let read = try bytes[..<length].withUnsafeBytes { try ManifestEdit(decoding: $0) }
                #expect(edit.fields.starts(with: read.fields), "cut at \(length)")
            } catch let error as StoreError {
                #expect(error.code == .corruption, "cut at \(length)")
            }
        }
    }

    @Test("an edit that cannot be is refused, and nothing of it is kept")
    func contradictions() throws {
        var state = ManifestState(storeID: ManifestFixture.storeID)
        try state.apply(ManifestFixture.start)
        try state.apply(ManifestFixture.edit(1))
        try state.apply(
            ManifestEdit([
                .term(Term(epoch: 2, incarnation: 5, firstSequence: 7, keepsCursors: true)),
                .promise(TermID(epoch: 3, incarnation: 1)),
            ]))
        let before = state
        let wrong: [ManifestEdit.Field] = [
            .addFile(ManifestFixture.table(1)), .addFile(ManifestFixture.table(1, tree: 2)),
            .addFile(ManifestFixture.table(2, tree: 9)), .createTable("users"),
            .removeFile(tree: 1, level: 1, number: 1), .removeFile(tree: 1, level: 0, number: 2),
            .createFamily(tree: 1, table: "users", schema: FamilySchema("c")),
            .createFamily(tree: 3, table: "users", schema: FamilySchema("a")),
            .createFamily(tree: 3, table: "none", schema: FamilySchema("a")),
            .dropFamily(tree: 3), .flushedSequence(tree: 3, sequence: 1), .epoch(1),
            .storeID(StoreID(low: 0, high: 0)), .promise(TermID(epoch: 2, incarnation: 1)),
            .term(Term(epoch: 9, incarnation: 1, firstSequence: 9, keepsCursors: true)),
            .term(Term(epoch: 2, incarnation: 1, firstSequence: 4, keepsCursors: true)),
        ]
        for field in wrong {
            let error = storeError { try state.apply(ManifestEdit([.lastSequence(999), field])) }
            #expect(error?.code == .corruption, "\(field)")
            #expect(state == before, "\(field)")
        }
        let newer = storeError { try state.apply(ManifestEdit([.formatVersion(2)])) }
        #expect(newer?.code == .unsupported)
    }

    @Test("a failed sync poisons the manifest, a full disk does not")
    func failures() throws {
        var manifest = try ManifestFixture()
        let writer = try manifest.writer()
        try writer.append(ManifestFixture.start, to: &manifest.state)
        manifest.disk.capacity = 0
        let full = ManifestEdit(
            (1...900).map { .addFile(ManifestFixture.table($0)) })
        var state = manifest.state
        #expect(storeError { try writer.append(full, to: &state) }?.code == .noSpace)
        #expect(state == manifest.state)
        manifest.disk.capacity = nil
        try writer.append(ManifestFixture.edit(1), to: &manifest.state)
        manifest.disk.failOperation(at: manifest.disk.operations + 2, .io)
        state = manifest.state
        #expect(storeError { try writer.append(ManifestFixture.edit(2), to: &state) }?.code == .io)
        #expect(state == manifest.state)
        let again = storeError { try writer.append(ManifestFixture.edit(2), to: &state) }
        #expect(again?.code == .poisoned)
    }
}
