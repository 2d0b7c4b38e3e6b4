import Testing

@testable import MartletStore

@Suite("A table gives back what was written")
struct TableRoundTripTests {
    static let settings: [TableSettings] = Compression.allCases.flatMap { compression in
        [1, 100, 1 << 10, 16 << 10, 1 << 20].map { blockSize in
            TableSettings(
                tableID: 0xFEED_0000 + UInt64(blockSize), fileNumber: 9, tree: 3,
                compression: compression, blockSize: blockSize,
                filter: .rowAndPrefix(length: 2), createdAt: 77)
        }
    }

    @Test("forward and backward it equals the model", arguments: settings)
    func scans(settings: TableSettings) throws {
        for seed in UInt64(1)...6 {
            var random = TestRandom(seed)
            let count = Int.random(in: 1...1500, using: &random)
            let model = TableModel.cells(count, &random)
            let file = MemoryFile()
            let written = try TableModel.write(model, to: file, settings)
            let cache = BlockCache(budget: MemoryBudget(total: 1 << 20))
            let table = try TableReader.open(
                file: file, cache: cache, expecting: settings.tableID)
            #expect(table.properties == written, "seed \(seed)")
            #expect(try TableModel.readAll(table) == model, "seed \(seed)")
            try table.verify()
            let cursor = table.makeCursor(fillCache: false)
            try cursor.seekToLast()
            var index = model.count - 1
            while let cell = TableModel.current(cursor) {
                guard index >= 0, cell == model[index] else { break }
                index -= 1
                try cursor.previous()
            }
            #expect(index == -1, "seed \(seed)")
        }
    }

    @Test("seeks and changes of direction equal the model", arguments: settings)
    func seeks(settings: TableSettings) throws {
        for seed in UInt64(10)...13 {
            var random = TestRandom(seed)
            let model = TableModel.cells(400, &random)
            let file = MemoryFile()
            try TableModel.write(model, to: file, settings)
            let cache = BlockCache(budget: MemoryBudget(total: 1 << 20))
            let cursor = try TableReader.open(file: file, cache: cache).makeCursor()
            for step in 0..<600 {
                let target = TableModel.cell(&random, valueMax: 1)
                var place = model.firstIndex { !ModelCell.precedes($0, target) } ?? model.count
                if Bool.random(using: &random) {
                    try target.withPosition { try cursor.seek($0) }
                } else {
                    try target.withPosition { try cursor.seekBefore($0) }
                    place -= 1
                }
                for _ in 0..<Int.random(in: 0...40, using: &random) {
                    let expected = model.indices.contains(place) ? model[place] : nil
                    guard TableModel.current(cursor) == expected else {
                        Issue.record("seed \(seed) step \(step) place \(place)")
                        return
                    }
                    if expected == nil { break }
                    let isForward = Int.random(in: 0...9, using: &random) < 5 + step % 2 * 3
                    place += isForward ? 1 : -1
                    if isForward { try cursor.next() } else { try cursor.previous() }
                }
            }
        }
    }

    @Test("values bigger than a block, and the longest rows and qualifiers, come back")
    func bigCells() throws {
        let long = [UInt8](repeating: 0x61, count: 65535)
        let model = [
            ModelCell(row: [0x61], value: [UInt8](repeating: 1, count: 3 << 20)),
            ModelCell(row: long, qualifier: [], value: [9]),
            ModelCell(row: long, qualifier: long, sequence: 5, value: []),
            ModelCell(
                row: [0x62], value: (0..<700_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) }),
        ]
        for compression in Compression.allCases {
            let file = MemoryFile()
            let settings = TableSettings(
                tableID: 1, fileNumber: 1, tree: 1, compression: compression, blockSize: 1 << 10)
            let properties = try TableModel.write(model, to: file, settings)
            #expect(properties.largestCell == 3 << 20 + 1)
            let table = try TableReader.open(file: file, cache: nil)
            #expect(try TableModel.readAll(table) == model)
            let cursor = table.makeCursor()
            try cursor.seekToLast()
            for cell in model.reversed() {
                #expect(TableModel.current(cursor) == cell)
                try cursor.previous()
            }
            #expect(!cursor.isValid)
        }
    }

    @Test("a table may hold range tombstones only, or nothing")
    func tombstonesOnly() throws {
        let tombstones = [
            RangeTombstone(start: [5], end: [], sequence: 3),
            RangeTombstone(start: [1], end: [2], sequence: 9),
            RangeTombstone(start: [1], end: [3], sequence: 11),
        ]
        for given in [tombstones, []] {
            let file = MemoryFile()
            try TableModel.write(
                [], to: file, TableSettings(tableID: 1, fileNumber: 1, tree: 1),
                tombstones: given)
            let table = try TableReader.open(file: file, cache: nil)
            #expect(table.rangeTombstones == given.reversed())
            try table.verify()
            #expect(table.properties.rangeTombstoneStart == (given.isEmpty ? [] : [1]))
            #expect(table.properties.rangeTombstoneEnd == [])
            let cursor = table.makeCursor()
            try cursor.seekToFirst()
            #expect(!cursor.isValid)
            try cursor.seekToLast()
            #expect(!cursor.isValid)
            try ModelCell(row: [1]).withPosition { try cursor.seek($0) }
            #expect(!cursor.isValid)
            try ModelCell(row: [1]).withPosition { try cursor.seekBefore($0) }
            #expect(!cursor.isValid)
        }
    }

    @Test("properties count what is in the table")
    func properties() throws {
        var random = TestRandom(99)
        let model = TableModel.cells(800, &random)
        let file = MemoryFile()
        let properties = try TableModel.write(
            model, to: file,
            TableSettings(tableID: 8, fileNumber: 4, tree: 2, blockSize: 512, createdAt: 5))
        #expect(properties.cells == UInt64(model.count))
        #expect(properties.puts == UInt64(model.count { $0.kind == .put }))
        #expect(properties.deleteColumns == UInt64(model.count { $0.kind == .deleteColumn }))
        #expect(properties.deleteVersions == UInt64(model.count { $0.kind == .deleteVersion }))
        #expect(properties.rows == UInt64(Set(model.map(\.row)).count))
        #expect(properties.minTimestamp == model.map(\.timestamp).min())
        #expect(properties.maxSequence == model.map(\.sequence).max())
        #expect(properties.smallestRow == model.first?.row)
        #expect(properties.largestRow == model.last?.row)
        #expect(properties.fileSize == UInt64(file.bytes.count))
        #expect(properties.createdAt == 5)
    }

    @Test("cells out of order or out of limits are refused")
    func refusals() throws {
        func refuses(_ cells: [ModelCell]) -> Bool {
            do {
                try TableModel.write(
                    cells, to: MemoryFile(), TableSettings(tableID: 1, fileNumber: 1, tree: 1))
                return false
            } catch {
                return (error as? StoreError)?.code == .invalidArgument
            }
        }
        let cell = ModelCell(row: [2], qualifier: [2], timestamp: 5, sequence: 5)
        #expect(!refuses([cell]))
        #expect(refuses([cell, cell]))
        #expect(refuses([cell, ModelCell(row: [1])]))
        #expect(refuses([cell, ModelCell(row: [2], qualifier: [1])]))
        #expect(refuses([cell, ModelCell(row: [2], qualifier: [2], timestamp: 6)]))
        #expect(refuses([cell, ModelCell(row: [2], qualifier: [2], timestamp: 5, sequence: 6)]))
        #expect(refuses([ModelCell(row: [])]))
        #expect(refuses([ModelCell(row: [UInt8](repeating: 1, count: 65536))]))
        #expect(refuses([ModelCell(row: [1], kind: .deleteColumn, value: [1])]))
    }
}
