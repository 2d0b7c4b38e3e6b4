import MartletSimulation
import MartletStore

/// A random history of one family, as the model has it and as cells.
struct ResolverHistory {
    let maxVersions: Int?
    let timeToLive: UInt64?
    let ownTimeToLive: Bool
    private(set) var model: ModelFamily
    /// In order of sequence; sequences are 1, 2, ...
    private(set) var cells: [OwnedCell] = []
    private(set) var tombstones: [RangeTombstone] = []
    let last: UInt64
    /// All in one column, so that more depends on more.
    private let isDense: Bool

    init(_ random: inout SeededGenerator) {
        maxVersions = [nil, 1, 2, 3].randomElement(using: &random) ?? nil
        timeToLive = [nil, nil, 4, 7].randomElement(using: &random) ?? nil
        ownTimeToLive = Int.random(in: 0..<4, using: &random) == 0
        isDense = Bool.random(using: &random)
        model = ModelFamily(maxVersions: maxVersions, timeToLive: timeToLive)
        last = UInt64.random(in: 1...24, using: &random)
        for sequence in 1...last { add(sequence, &random) }
    }

    private mutating func add(_ sequence: UInt64, _ random: inout SeededGenerator) {
        let row = [isDense ? 1 : UInt8.random(in: 1...2, using: &random)]
        let isUnnamed = !isDense && Int.random(in: 0..<3, using: &random) == 0
        let qualifier: [UInt8] = isUnnamed ? [] : [7]
        let timestamp = UInt64.random(in: 1...6, using: &random)
        var cell = OwnedCell(row: row, qualifier: qualifier, timestamp: timestamp)
        var operation: ModelFamily.Operation
        var kind = CellKind.put
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<4: (operation, kind) = (.deleteVersion(timestamp: timestamp), .deleteVersion)
        case 4..<6: (operation, kind) = (.deleteColumn(upTo: timestamp), .deleteColumn)
        case 6:
            (operation, kind) = (.deleteFamily(upTo: timestamp), .deleteFamily)
            cell.qualifier = []
        case 7:
            let end: [UInt8] = Bool.random(using: &random) ? [row[0] + 1] : []
            tombstones.append(RangeTombstone(start: row, end: end, sequence: sequence))
            model.apply(.init(row: row, sequence: sequence, operation: .deleteRange(end: end)))
            return
        default:
            cell.value = [UInt8(sequence)]
            if ownTimeToLive, Bool.random(using: &random) {
                cell.timeToLive = UInt64.random(in: 1...6, using: &random)
            }
            operation = .put(
                timestamp: timestamp, value: cell.value, timeToLive: cell.timeToLive)
        }
        cell.trailer = sequence << 8 | UInt64(kind.rawValue)
        cells.append(cell)
        model.apply(
            .init(row: row, qualifier: qualifier, sequence: sequence, operation: operation))
    }

    /// What `VisibilityResolver` shows of cells in any order.
    static func read(
        _ cells: [OwnedCell], _ tombstones: [RangeTombstone],
        _ resolver: consuming VisibilityResolver
    ) -> [ModelFamily.Version] {
        var result: [ModelFamily.Version] = []
        var row: [UInt8]?
        var skipping: [UInt8]?
        for cell in cells.sorted() {
            if cell.row != row {
                row = cell.row
                skipping = nil
                let covering = covering(cell.row, tombstones).filter { $0 <= resolver.snapshot }
                resolver.beginRow(deletedBelow: covering.max() ?? 0)
            }
            if skipping == cell.qualifier { continue }
            switch cell.withReference({ resolver.consume($0) }) {
            case .show:
                result.append(
                    .init(
                        row: cell.row, qualifier: cell.qualifier, timestamp: cell.timestamp,
                        value: cell.value))
            case .skip: break
            case .skipColumn: skipping = cell.qualifier
            }
        }
        return result
    }

    static func covering(_ row: [UInt8], _ tombstones: [RangeTombstone]) -> [UInt64] {
        tombstones.filter {
            !row.lexicographicallyPrecedes($0.start)
                && ($0.end.isEmpty || row.lexicographicallyPrecedes($0.end))
        }.map(\.sequence)
    }
}
