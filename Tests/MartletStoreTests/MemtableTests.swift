import MartletStore
import Testing

@Suite("The memtable")
struct MemtableTests {
    private enum Order: CaseIterable { case ascending, descending, random, mostlyAscending }

    private func filled(_ cells: [OwnedCell], capacity: Int = 16 << 20) -> Memtable {
        let memtable = Memtable(capacity: capacity)
        for cell in cells {
            #expect(cell.withReference { memtable.insert($0) })
        }
        return memtable
    }

    private func arrange(
        _ cells: [OwnedCell], _ order: Order, _ random: inout SeededGenerator
    ) -> [OwnedCell] {
        switch order {
        case .ascending: return cells.sorted()
        case .descending: return cells.sorted(by: >)
        case .random: return cells
        case .mostlyAscending:
            var sorted = cells.sorted()
            for _ in 0..<(cells.count / 20) {
                let a = Int.random(in: 0..<cells.count, using: &random)
                let b = Int.random(in: 0..<cells.count, using: &random)
                sorted.swapAt(a, b)
            }
            return sorted
        }
    }

    @Test("holds every cell in order, both ways, whatever the rows and the order of insertion")
    func order() {
        for seed in UInt64(0)..<6 {
            for shape in RowShape.allCases {
                for order in Order.allCases {
                    var random = SeededGenerator(seed: seed)
                    let count = [1, 14, 15, 16, 300, 4000][Int(seed)]
                    let cells = (0..<count).map { shape.cell($0, &random) }
                    let memtable = filled(arrange(cells, order, &random))
                    check(memtable, cells.sorted(), "seed \(seed) \(shape) \(order)", &random)
                }
            }
        }
    }

    private func check(
        _ memtable: Memtable, _ sorted: [OwnedCell], _ what: String,
        _ random: inout SeededGenerator
    ) {
        var cursor = memtable.makeCursor()
        #expect(!cursor.isValid)
        var seen: [OwnedCell] = []
        cursor.seekToFirst()
        while cursor.isValid {
            seen.append(OwnedCell(cursor.cell))
            cursor.next()
        }
        #expect(seen == sorted, "\(what) forward")
        seen = []
        cursor.seekToLast()
        while cursor.isValid {
            seen.append(OwnedCell(cursor.cell))
            cursor.previous()
        }
        #expect(seen == sorted.reversed(), "\(what) backward")
        #expect(memtable.cellCount == sorted.count)
        for _ in 0..<200 {
            var probe = sorted.randomElement(using: &random) ?? OwnedCell(row: [0])
            switch Int.random(in: 0...5, using: &random) {
            case 0: probe.row.append(0)
            case 1: probe.row.removeLast()
            case 2: probe.timestamp &-= 1
            case 3: probe.trailer &+= 1
            case 4: probe.row[0] &+= 1
            default: break
            }
            seek(probe, &cursor, sorted, what)
        }
    }

    private func seek(
        _ probe: OwnedCell, _ cursor: inout MemtableCursor, _ sorted: [OwnedCell], _ what: String
    ) {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < probe { low = middle + 1 } else { high = middle }
        }
        probe.withReference { cursor.seek(CellPosition($0)) }
        let after = cursor.isValid ? OwnedCell(cursor.cell) : nil
        #expect(after == (low < sorted.count ? sorted[low] : nil), "\(what) seek")
        probe.withReference { cursor.seekBefore(CellPosition($0)) }
        let before = cursor.isValid ? OwnedCell(cursor.cell) : nil
        #expect(before == (low > 0 ? sorted[low - 1] : nil), "\(what) seekBefore")
    }

    @Test("an empty one has no place to stand on")
    func empty() {
        let memtable = Memtable(capacity: 64 << 10)
        var cursor = memtable.makeCursor()
        cursor.seekToFirst()
        #expect(!cursor.isValid)
        cursor.seekToLast()
        #expect(!cursor.isValid)
        OwnedCell(row: [1]).withReference { cursor.seek(CellPosition($0)) }
        #expect(!cursor.isValid)
        OwnedCell(row: [1]).withReference { cursor.seekBefore(CellPosition($0)) }
        #expect(!cursor.isValid)
        #expect(memtable.isEmpty)
        #expect(memtable.minimumSequence == .max)
        #expect(memtable.maximumSequence == 0)
    }

    @Test("a full one refuses cells and keeps what it has")
    func full() {
        for shape in RowShape.allCases {
            var random = SeededGenerator(seed: 1)
            let memtable = Memtable(capacity: 64 << 10)
            var cells: [OwnedCell] = []
            while true {
                let cell = shape.cell(cells.count, &random)
                guard cell.withReference({ memtable.insert($0) }) else { break }
                cells.append(cell)
            }
            #expect(cells.count > 100)
            #expect(memtable.usedBytes <= memtable.capacity)
            #expect(memtable.maximumSequence == UInt64(cells.count))
            check(memtable, cells.sorted(), "\(shape)", &random)
        }
    }

    @Test("keeps range tombstones in order of insertion and counts their sequences and bytes")
    func rangeTombstones() {
        let memtable = Memtable(capacity: 64 << 10)
        #expect(!memtable.hasRangeTombstones)
        #expect(memtable.rangeTombstones.isEmpty)
        let before = memtable.usedBytes
        let first = RangeTombstone(start: [1], end: [2], sequence: 5)
        let second = RangeTombstone(start: [0], end: [], sequence: 6)
        memtable.insert(first)
        memtable.insert(second)
        #expect(memtable.rangeTombstones == [first, second])
        #expect(memtable.hasRangeTombstones && !memtable.isEmpty)
        #expect(memtable.minimumSequence == 5 && memtable.maximumSequence == 6)
        #expect(memtable.usedBytes > before && memtable.cellCount == 0)
    }
}
