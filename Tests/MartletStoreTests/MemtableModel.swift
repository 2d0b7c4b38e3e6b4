import MartletStore

/// Small deterministic randomness for tests: xorshift64*.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// A cell that owns its bytes.
struct OwnedCell: Equatable, Comparable {
    var row: [UInt8]
    var qualifier: [UInt8] = []
    var timestamp: UInt64 = 0
    var trailer: UInt64 = 0
    var timeToLive: UInt64 = 0
    var value: [UInt8] = []

    var sequence: UInt64 { trailer >> 8 }

    init(
        row: [UInt8], qualifier: [UInt8] = [], timestamp: UInt64 = 0, trailer: UInt64 = 0,
        timeToLive: UInt64 = 0, value: [UInt8] = []
    ) {
        self.row = row
        self.qualifier = qualifier
        self.timestamp = timestamp
        self.trailer = trailer
        self.timeToLive = timeToLive
        self.value = value
    }

    init(_ cell: CellReference) {
        self.init(
            row: Array(cell.row), qualifier: Array(cell.qualifier), timestamp: cell.timestamp,
            trailer: cell.trailer, timeToLive: cell.timeToLive, value: Array(cell.value))
    }

    func withReference<R>(_ body: (CellReference) -> R) -> R {
        row.withUnsafeBytes { row in
            qualifier.withUnsafeBytes { qualifier in
                value.withUnsafeBytes { value in
                    body(
                        CellReference(
                            row: row, qualifier: qualifier, timestamp: timestamp,
                            trailer: trailer, timeToLive: timeToLive, value: value))
                }
            }
        }
    }

    /// The order of cells written the slow way, independent of `CellOrder`.
    static func < (a: OwnedCell, b: OwnedCell) -> Bool {
        if a.row != b.row { return a.row.lexicographicallyPrecedes(b.row) }
        if a.qualifier != b.qualifier {
            return a.qualifier.lexicographicallyPrecedes(b.qualifier)
        }
        if a.timestamp != b.timestamp { return a.timestamp > b.timestamp }
        return a.trailer > b.trailer
    }
}

/// Rows of the kinds that break trees: short, long, sharing prefixes, of zeros.
enum RowShape: CaseIterable {
    case short, long, shared, zeros, wide, counter, users

    func cell(_ number: Int, _ random: inout SeededGenerator) -> OwnedCell {
        var cell = OwnedCell(row: [])
        cell.trailer = UInt64(number + 1) << 8 | 1
        cell.timestamp = UInt64.random(in: 0...3, using: &random)
        cell.timeToLive = Bool.random(using: &random) ? 0 : UInt64(number + 1)
        cell.value = bytes(0...20, 0...255, &random)
        cell.qualifier = Bool.random(using: &random) ? [] : bytes(0...3, 0...2, &random)
        switch self {
        case .short: cell.row = bytes(1...3, 0...255, &random)
        case .long: cell.row = bytes(1...300, 97...98, &random)
        case .shared: cell.row = Array(repeating: 7, count: 30) + bytes(0...4, 0...3, &random)
        case .zeros: cell.row = bytes(1...20, 0...0, &random)
        case .wide:
            cell.row = [1, 2, 3]
            cell.qualifier = Array(repeating: 9, count: 12) + bytes(0...5, 0...255, &random)
        case .counter:
            cell.row = withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) }
        case .users:
            // As in an inbox: a number that rises within each of some users.
            let user = UInt64.random(in: 0..<20, using: &random)
            cell.row =
                [0, 1] + withUnsafeBytes(of: user.bigEndian) { Array($0) }
                + withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) }
        }
        return cell
    }

    private func bytes(
        _ count: ClosedRange<Int>, _ range: ClosedRange<UInt8>, _ random: inout SeededGenerator
    ) -> [UInt8] {
        (0..<Int.random(in: count, using: &random)).map { _ in
            UInt8.random(in: range, using: &random)
        }
    }
}
