import Testing

@testable import MartletStore

@Suite("A table's filters")
struct TableFilterTests {
    private func row(_ number: UInt64, seed: UInt64) -> [UInt8] {
        var random = TestRandom(number &* 0x1_0000_0001 &+ seed)
        let key = [number, random.next()].flatMap { word in
            withUnsafeBytes(of: word.bigEndian) { Array($0) }
        }
        return Array(key.prefix(9 + Int(random.next() % 8)))
    }

    private func table(rows: [[UInt8]], _ filter: FilterKind) throws -> TableReader {
        let file = MemoryFile()
        let sorted = rows.sorted { $0.lexicographicallyPrecedes($1) }
        try TableModel.write(
            sorted.map { ModelCell(row: $0) }, to: file,
            TableSettings(tableID: 3, fileNumber: 1, tree: 1, filter: filter))
        return try TableReader.open(file: file, cache: nil)
    }

    @Test("never deny a row or prefix that is there, and rarely admit one that is not")
    func rates() throws {
        let rows = (0..<20_000).map { row(UInt64($0) * 2, seed: 1) }
        let table = try table(rows: rows, .rowAndPrefix(length: 8))
        for row in rows {
            #expect(row.withUnsafeBytes { table.mayContain(row: $0) })
            #expect(row.withUnsafeBytes { table.mayContain(prefix: $0) })
        }
        var falseRows = 0
        var falsePrefixes = 0
        for number in 0..<50_000 {
            let other = row(UInt64(number) * 2 + 1, seed: 2)
            if other.withUnsafeBytes({ table.mayContain(row: $0) }) { falseRows += 1 }
            if other.withUnsafeBytes({ table.mayContain(prefix: $0) }) { falsePrefixes += 1 }
        }
        #expect(falseRows < 1000, "of 50000")
        #expect(falsePrefixes < 1000, "of 50000")
    }

    @Test("know rows shorter than the prefix length, and admit short prefixes")
    func shortRows() throws {
        let rows: [[UInt8]] = [[1], [1, 2], [1, 2, 3, 4], [1, 2, 3, 4, 5], [2]]
        let table = try table(rows: rows, .rowAndPrefix(length: 3))
        for row in rows { #expect(row.withUnsafeBytes { table.mayContain(row: $0) }) }
        let long: [UInt8] = [1, 2, 3]
        #expect(long.withUnsafeBytes { table.mayContain(prefix: $0) })
        let short: [UInt8] = [9]
        #expect(short.withUnsafeBytes { table.mayContain(prefix: $0) })
    }

    @Test("admit everything where the family has none")
    func none() throws {
        let table = try table(rows: [[1]], .none)
        let row: [UInt8] = [7, 7, 7, 7]
        #expect(row.withUnsafeBytes { table.mayContain(row: $0) })
        #expect(row.withUnsafeBytes { table.mayContain(prefix: $0) })
    }
}
