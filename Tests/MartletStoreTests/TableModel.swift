@testable import MartletStore

/// A small random generator with a seed, for tests.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A cell that owns its bytes.
struct ModelCell: Equatable {
    var row: [UInt8]
    var qualifier: [UInt8] = []
    var timestamp: UInt64 = 0
    var sequence: UInt64 = 0
    var kind = CellKind.put
    var timeToLive: UInt64 = 0
    var value: [UInt8] = []

    var trailer: UInt64 { sequence << 8 | UInt64(kind.rawValue) }

    init(
        row: [UInt8], qualifier: [UInt8] = [], timestamp: UInt64 = 0, sequence: UInt64 = 0,
        kind: CellKind = .put, timeToLive: UInt64 = 0, value: [UInt8] = []
    ) {
        self.row = row
        self.qualifier = qualifier
        self.timestamp = timestamp
        self.sequence = sequence
        self.kind = kind
        self.timeToLive = timeToLive
        self.value = value
    }

    init?(_ cell: CellReference) {
        guard let kind = CellKind(rawValue: cell.kindByte) else { return nil }
        self.init(
            row: Array(cell.row), qualifier: Array(cell.qualifier), timestamp: cell.timestamp,
            sequence: cell.sequence, kind: kind, timeToLive: cell.timeToLive,
            value: Array(cell.value))
    }

    func withPosition<Value>(_ body: (CellPosition) throws -> Value) rethrows -> Value {
        try row.withUnsafeBytes { row in
            try qualifier.withUnsafeBytes { qualifier in
                try body(
                    CellPosition(
                        row: row, qualifier: qualifier, timestamp: timestamp, trailer: trailer))
            }
        }
    }

    func withReference<Value>(_ body: (CellReference) throws -> Value) rethrows -> Value {
        try withPosition { position in
            try value.withUnsafeBytes { value in
                try body(
                    CellReference(
                        row: position.row, qualifier: position.qualifier, timestamp: timestamp,
                        trailer: trailer, timeToLive: timeToLive, value: value))
            }
        }
    }

    static func precedes(_ a: ModelCell, _ b: ModelCell) -> Bool {
        if a.row != b.row { return a.row.lexicographicallyPrecedes(b.row) }
        if a.qualifier != b.qualifier { return a.qualifier.lexicographicallyPrecedes(b.qualifier) }
        if a.timestamp != b.timestamp { return a.timestamp > b.timestamp }
        return a.trailer > b.trailer
    }
}

/// Random cells, and tables made of them.
enum TableModel {
    static func bytes(
        _ random: inout TestRandom, _ count: ClosedRange<Int>, alphabet: UInt8
    ) -> [UInt8] {
        (0..<Int.random(in: count, using: &random)).map { _ in
            let byte = UInt8.random(in: 0...alphabet, using: &random)
            return byte == alphabet ? 0xFF : byte
        }
    }

    /// A cell much like others, so that rows, columns and timestamps repeat.
    static func cell(_ random: inout TestRandom, valueMax: Int) -> ModelCell {
        let kinds: [CellKind] = [
            .put, .put, .put, .put, .put, .deleteVersion, .deleteColumn, .deleteFamily,
        ]
        let prefixes: [[UInt8]] = [[], [0, 7], Array("user-00000000-".utf8), [0xFF, 0xFF]]
        var cell = ModelCell(row: prefixes.randomElement(using: &random) ?? [])
        cell.row += bytes(&random, 1...4, alphabet: 4)
        if Int.random(in: 0..<40, using: &random) == 0 {
            cell.row += [UInt8](repeating: 0xAB, count: Int.random(in: 0...2000, using: &random))
        }
        cell.qualifier = bytes(&random, 0...2, alphabet: 3)
        cell.timestamp = UInt64.random(in: 0...3, using: &random) &* 1_000_003
        if Int.random(in: 0..<30, using: &random) == 0 { cell.timestamp = .max }
        cell.sequence = UInt64.random(in: 0...40, using: &random)
        if Int.random(in: 0..<30, using: &random) == 0 { cell.sequence = 1 << 56 - 1 }
        cell.kind = kinds.randomElement(using: &random) ?? .put
        if Bool.random(using: &random) {
            cell.timeToLive = UInt64.random(in: 0...100_000, using: &random)
        }
        if cell.kind == .put {
            cell.value = bytes(&random, 0...valueMax, alphabet: 60)
        }
        return cell
    }

    /// Sorted cells without two at one place.
    static func cells(_ count: Int, _ random: inout TestRandom, valueMax: Int = 60) -> [ModelCell] {
        let sorted = (0..<count).map { _ in cell(&random, valueMax: valueMax) }
            .sorted(by: ModelCell.precedes)
        return sorted.enumerated().filter { index, cell in
            index == 0 || ModelCell.precedes(sorted[index - 1], cell)
        }.map(\.element)
    }

    @discardableResult
    static func write(
        _ cells: [ModelCell], to file: MemoryFile, _ settings: TableSettings,
        tombstones: [RangeTombstone] = []
    ) throws -> TableProperties {
        let writer = TableWriter(file: file, settings: settings)
        for cell in cells { try cell.withReference { try writer.add($0) } }
        for tombstone in tombstones { try writer.addRangeTombstone(tombstone) }
        return try writer.finish()
    }

    static func readAll(_ table: TableReader) throws -> [ModelCell] {
        var cells: [ModelCell] = []
        let cursor = table.makeCursor()
        try cursor.seekToFirst()
        while cursor.isValid {
            if let cell = ModelCell(cursor.cell) { cells.append(cell) }
            try cursor.next()
        }
        return cells
    }

    static func current(_ cursor: TableCursor) -> ModelCell? {
        cursor.isValid ? ModelCell(cursor.cell) : nil
    }
}
