import Testing

@testable import MartletStore

@Suite("A damaged table is noticed, and nothing is read out of bounds")
struct TableDamageTests {
    /// Reads a table in every way. Returns nil where a typed error said that it is damaged.
    private func readEverything(_ file: MemoryFile) throws -> [ModelCell]? {
        do {
            let table = try TableReader.open(file: file, cache: nil)
            let cells = try TableModel.readAll(table)
            let cursor = table.makeCursor()
            try cursor.seekToLast()
            while cursor.isValid { try cursor.previous() }
            try table.verify()
            return cells
        } catch let error as StoreError {
            guard error.code == .corruption || error.code == .unsupported else { throw error }
            return nil
        }
    }

    private func smallTable(_ compression: Compression) throws -> (MemoryFile, [ModelCell]) {
        var random = TestRandom(4)
        let model = TableModel.cells(40, &random, valueMax: 20).filter { $0.row.count < 100 }
        let file = MemoryFile()
        try TableModel.write(
            model, to: file,
            TableSettings(
                tableID: 0xABCD, fileNumber: 1, tree: 1, compression: compression,
                blockSize: 400, filter: .rowAndPrefix(length: 1)),
            tombstones: [RangeTombstone(start: [1], end: [2], sequence: 3)])
        return (file, model)
    }

    @Test("every flipped bit gives a typed error", arguments: Compression.allCases)
    func bitFlips(compression: Compression) throws {
        let (file, model) = try smallTable(compression)
        #expect(try readEverything(file) == model)
        var unnoticed: [Int] = []
        for bit in 0..<(file.bytes.count * 8) {
            file.flip(bit: bit)
            if try readEverything(file) != nil { unnoticed.append(bit) }
            file.flip(bit: bit)
        }
        #expect(unnoticed == [])
    }

    @Test("every truncation gives a typed error", arguments: Compression.allCases)
    func truncations(compression: Compression) throws {
        let bytes = try smallTable(compression).0.bytes
        for count in 0..<bytes.count {
            #expect(try readEverything(MemoryFile(Array(bytes[..<count]))) == nil)
        }
        #expect(try readEverything(MemoryFile(bytes + [0])) == nil)
    }

    @Test("a block at another offset or in another file fails its checksum")
    func movedBlocks() throws {
        let content = [UInt8](repeating: 7, count: 300)
        var compressor = BlockCompressor(.lz4)
        let target = UnsafeMutableRawPointer.allocate(byteCount: 400, alignment: 8)
        defer { target.deallocate() }
        let size = content.withUnsafeBytes {
            compressor.store($0, into: target, table: 5, offset: 64)
        }
        let stored = UnsafeRawBufferPointer(start: target, count: size + TableFormat.trailerSize)
        func verifies(_ table: UInt64, _ offset: UInt64) -> Bool {
            if case .success = BlockCodec.check(stored, table: table, offset: offset) {
                return true
            }
            return false
        }
        #expect(size < 300)
        #expect(verifies(5, 64))
        #expect(!verifies(5, 65))
        #expect(!verifies(5, 0))
        #expect(!verifies(6, 64))
    }

    @Test("a table with another id than the manifest's is refused")
    func otherID() throws {
        let (file, _) = try smallTable(.none)
        #expect(throws: StoreError.self) {
            try TableReader.open(file: file, cache: nil, expecting: 1)
        }
    }

    @Test("data blocks whose bytes are wrong under a right checksum stay within bounds")
    func wildDataBlocks() throws {
        for seed in UInt64(0)..<30 {
            var random = TestRandom(seed)
            let model = TableModel.cells(60, &random, valueMax: 10)
            var builder = DataBlockBuilder()
            for (index, cell) in model.enumerated() {
                let same = index > 0 && model[index - 1].row == cell.row
                let column = same && model[index - 1].qualifier == cell.qualifier
                cell.withReference {
                    builder.add($0, shared: 0, sameRow: same, sameQualifier: column)
                }
            }
            let sound = Array(builder.finish())
            for _ in 0..<400 {
                var bytes = sound
                for _ in 0...Int.random(in: 0..<4, using: &random) {
                    let place = Int.random(in: bytes.indices, using: &random)
                    bytes[place] = UInt8.random(in: 0...255, using: &random)
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
                }
                try roam(bytes, &random)
            }
        }
    }

    private func block(_ bytes: [UInt8]) throws -> CachedBlock {
        try CachedBlock(capacity: bytes.count) { target in
            target.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// Moves through a block in all ways and touches every byte that cells point to.
    private func roam(_ bytes: [UInt8], _ random: inout TestRandom) throws {
        let cursor = DataBlockCursor()
        guard cursor.set(try block(bytes)) else { return }
        var isOn = cursor.seekToFirst()
        var moves = 0
        while isOn {
            #expect(cursor.cell.value.count + cursor.cell.qualifier.count <= 2 * bytes.count)
            _ = ModelCell(cursor.cell)
            isOn = cursor.next()
            moves += 1
        }
        #expect(moves <= bytes.count)
        isOn = cursor.set(try block(bytes)) && cursor.seekToLast()
        while isOn {
            _ = ModelCell(cursor.cell)
            isOn = cursor.previous()
        }
        for _ in 0..<4 {
            guard cursor.set(try block(bytes)) else { return }
            let target = TableModel.cell(&random, valueMax: 1)
            if target.withPosition({ cursor.seek($0) }) { _ = cursor.previous() }
            if !cursor.isDamaged, target.withPosition({ cursor.seekBefore($0) }) {
                _ = cursor.next()
            }
        }
    }

    @Test("index, filter, tombstone and property blocks of random bytes stay within bounds")
    func wildOtherBlocks() throws {
        var random = TestRandom(31)
        for _ in 0..<4000 {
            var bytes = TableModel.bytes(&random, 0...120, alphabet: 255)
            if bytes.count > 8, Bool.random(using: &random) {
                let tail: [UInt8] = [UInt8.random(in: 0...3, using: &random), 0, 0, 0, 2, 0, 0, 0]
                bytes.replaceSubrange((bytes.count - 8)..., with: tail)
            }
            let block = try block(bytes)
            if let index = IndexBlock(block), index.count > 0 {
                let target = TableModel.cell(&random, valueMax: 1)
                let place = target.withPosition { index.last(notAfter: $0) }
                if let place { _ = index.handle(place) }
            }
            _ = BlockedBloomFilter(block)?.mayContain(random.next())
            _ = RangeTombstoneBlock.decode(block)
            _ = TableProperties.decode(block)
        }
    }

    @Test("inspection goes on past a damaged block")
    func inspection() throws {
        let (file, _) = try smallTable(.none)
        var sound: [TableBlockReport] = []
        TableInspection.run(file: file) { report in
            sound.append(report)
            return true
        }
        #expect(sound.allSatisfy { $0.error == nil && $0.compression != nil })
        let data = sound.filter { $0.kind == .data }
        #expect(data.count > 2)
        file.flip(bit: Int(data[1].offset) * 8 + 77)
        var damaged: [TableBlockReport] = []
        TableInspection.run(file: file) { report in
            damaged.append(report)
            return true
        }
        #expect(damaged.count == sound.count)
        #expect(damaged.filter { $0.error != nil }.map(\.offset) == [data[1].offset])
    }
}
