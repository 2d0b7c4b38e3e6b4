import Glibc
import Testing

@testable import MartletStore

/// The fixtures were written by the first version of the format; every later build reads them, and
/// writes the same bytes until the format's version number rises. `MARTLET_WRITE_FIXTURES=1` writes
/// them anew.
@Suite("The table format does not change")
struct TableFormatTests {
    private static let cells: [ModelCell] = [
        ModelCell(
            row: Array("alice".utf8), timestamp: 1_700_000_000_000_000, sequence: 12,
            kind: .deleteFamily),
        ModelCell(
            row: Array("alice".utf8), qualifier: Array("mail".utf8),
            timestamp: 1_700_000_000_000_300, sequence: 15, value: Array("a@example.org".utf8)),
        ModelCell(
            row: Array("alice".utf8), qualifier: Array("mail".utf8),
            timestamp: 1_700_000_000_000_100, sequence: 13, timeToLive: 86_400_000_000,
            value: Array("old@example.org".utf8)),
        ModelCell(
            row: Array("alina".utf8), qualifier: Array("mail".utf8),
            timestamp: 1_700_000_000_000_100, sequence: 0, value: []),
        ModelCell(
            row: Array("bob".utf8), qualifier: Array("mail".utf8), timestamp: 7, sequence: 11,
            kind: .deleteColumn),
        ModelCell(
            row: Array("bob".utf8), qualifier: Array("mail".utf8), timestamp: 5, sequence: 11,
            kind: .deleteVersion),
    ]

    private static let tombstone = RangeTombstone(
        start: Array("c".utf8), end: Array("d".utf8), sequence: 16)

    /// The hand-made cells, then enough rows for several blocks.
    static var model: [ModelCell] {
        cells
            + (0..<60).map { number in
                let digits = [UInt8(0x30 + number / 10), UInt8(0x30 + number % 10)]
                return ModelCell(
                    row: Array("row-".utf8) + digits, qualifier: [0x71],
                    timestamp: 1_700_000_001_000_000 + UInt64(number),
                    sequence: 20 + UInt64(number),
                    value: Array("value of a row, number ".utf8) + digits)
            }
    }

    private static func write(_ compression: Compression, small: Bool) throws -> [UInt8] {
        let file = MemoryFile()
        try TableModel.write(
            small ? cells : model, to: file,
            TableSettings(
                tableID: 0x1122_3344_5566_7788, fileNumber: 42, tree: 7, compression: compression,
                blockSize: 1024, filter: .rowAndPrefix(length: 2),
                createdAt: 1_700_000_002_000_000),
            tombstones: [tombstone])
        return file.bytes
    }

    static let names = ["table-small", "table-none", "table-lz4", "table-zstd"]

    private static func written(_ name: String) throws -> [UInt8] {
        switch name {
        case "table-lz4": try write(.lz4, small: false)
        case "table-zstd": try write(.zstd, small: false)
        default: try write(.none, small: name == "table-small")
        }
    }

    private static func fixture(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/Fixtures/v1/\(name).sst"
        if getenv("MARTLET_WRITE_FIXTURES") != nil {
            let bytes = try written(name)
            let stream = try #require(fopen(path, "w"))
            fwrite(bytes, 1, bytes.count, stream)
            fclose(stream)
        }
        let stream = try #require(fopen(path, "r"), "\(path) is missing")
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, stream)
        return Array(bytes[..<count])
    }

    @Test("tables of version 1 are read", arguments: names)
    func reads(name: String) throws {
        let file = MemoryFile(try TableFormatTests.fixture(name))
        let table = try TableReader.open(
            file: file, cache: nil, expecting: 0x1122_3344_5566_7788)
        let expected = name == "table-small" ? TableFormatTests.cells : TableFormatTests.model
        #expect(try TableModel.readAll(table) == expected)
        #expect(table.rangeTombstones == [TableFormatTests.tombstone])
        #expect(table.properties.tree == 7)
        #expect(table.properties.createdAt == 1_700_000_002_000_000)
        try table.verify()
    }

    // What the compressors of other library versions write may differ: only read those.
    @Test(
        "an uncompressed table is written byte for byte", arguments: ["table-small", "table-none"])
    func writes(name: String) throws {
        #expect(try TableFormatTests.written(name) == TableFormatTests.fixture(name))
    }

    @Test("the row hash gives the numbers of the format page")
    func rowHash() {
        func hash(_ text: String) -> UInt64 {
            Array(text.utf8).withUnsafeBytes { RowHash.hash($0) }
        }
        let texts = ["", "a", "row-07", "alice", "12345678", "123456789", "0123456789abcdef!"]
        let hashes: [UInt64] = [
            0x55BA_897D_2AF3_577C, 0x56C4_8229_C8DC_6482, 0x5EAB_8E2C_4C14_5FA4,
            0x11C3_F40E_8508_9769, 0x1E3E_AF14_9F22_82E4, 0x0577_9864_3B9F_C340,
            0xAE4B_A36A_0D70_7871,
        ]
        #expect(texts.map { hash($0) } == hashes)
    }
}
