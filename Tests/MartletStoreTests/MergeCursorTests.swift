import MartletStore
import Testing

@Suite("The merge of several sources")
struct MergeCursorTests {
    /// A sorted array as a source. Throws on its `failAt`-th move.
    private final class ArraySource: CellSource {
        private let cells: [OwnedCell]
        private let bytes: [UnsafeMutableRawBufferPointer]
        private var index = -1
        private var movesLeft: Int

        init(_ cells: [OwnedCell], failAfter moves: Int = .max) {
            self.cells = cells.sorted()
            movesLeft = moves
            bytes = self.cells.map { cell in
                let all = cell.row + cell.qualifier + cell.value
                let copy = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: all.count, alignment: 1)
                copy.copyBytes(from: all)
                return copy
            }
        }

        deinit { for copy in bytes { copy.deallocate() } }

        var isValid: Bool { cells.indices.contains(index) }

        var cell: CellReference {
            let cell = cells[index]
            let all = UnsafeRawBufferPointer(bytes[index])
            let keyCount = cell.row.count + cell.qualifier.count
            return CellReference(
                row: UnsafeRawBufferPointer(rebasing: all[..<cell.row.count]),
                qualifier: UnsafeRawBufferPointer(rebasing: all[cell.row.count..<keyCount]),
                timestamp: cell.timestamp, trailer: cell.trailer, timeToLive: cell.timeToLive,
                value: UnsafeRawBufferPointer(rebasing: all[keyCount...]))
        }

        private func move(_ target: Int) throws(StoreError) {
            movesLeft -= 1
            if movesLeft < 0 { throw StoreError(.corruption, "as asked") }
            index = target
        }

        private func lowerBound(_ position: CellPosition) -> Int {
            cells.firstIndex {
                $0.withReference { CellOrder.compare(CellPosition($0), position) >= 0 }
            } ?? cells.count
        }

        func seek(_ position: CellPosition) throws(StoreError) {
            try move(lowerBound(position))
        }
        func seekBefore(_ position: CellPosition) throws(StoreError) {
            try move(lowerBound(position) - 1)
        }
        func seekToFirst() throws(StoreError) { try move(0) }
        func seekToLast() throws(StoreError) { try move(cells.count - 1) }
        func next() throws(StoreError) { try move(index + 1) }
        func previous() throws(StoreError) { try move(index - 1) }
    }

    @Test("is in order both ways, from any place, through any turns")
    func order() throws {
        for seed in UInt64(0)..<400 {
            var random = SeededGenerator(seed: seed)
            let shape = RowShape.allCases[Int(seed) % RowShape.allCases.count]
            let count = Int.random(in: 0...9, using: &random)
            var parts = Array(repeating: [OwnedCell](), count: count)
            var all: [OwnedCell] = []
            for number in 0..<(count == 0 ? 0 : Int.random(in: 0...60, using: &random)) {
                let cell = shape.cell(number, &random)
                parts[Int.random(in: 0..<count, using: &random)].append(cell)
                all.append(cell)
            }
            all.sort()
            let sources: [any CellSource] = parts.map { part in
                if Bool.random(using: &random) { return ArraySource(part) }
                let memtable = Memtable(capacity: 64 << 10)
                for cell in part { #expect(cell.withReference { memtable.insert($0) }) }
                return MemtableSource(memtable)
            }
            try walk(MergeCursor(sources), all, "seed \(seed)", &random)
        }
    }

    private func walk(
        _ cursor: MergeCursor, _ all: [OwnedCell], _ what: String,
        _ random: inout SeededGenerator
    ) throws {
        #expect(!cursor.isValid)
        var place = -1
        for _ in 0..<200 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                try cursor.seekToFirst()
                place = 0
            case 1:
                try cursor.seekToLast()
                place = all.count - 1
            case 2, 3:
                guard let target = all.indices.randomElement(using: &random) else { continue }
                let isBefore = Bool.random(using: &random)
                try all[target].withPosition { (position) throws(StoreError) in
                    isBefore ? try cursor.seekBefore(position) : try cursor.seek(position)
                }
                place = isBefore ? target - 1 : target
            case 4..<14 where cursor.isValid:
                try cursor.next()
                place += 1
            case 14... where cursor.isValid:
                try cursor.previous()
                place -= 1
            default: continue
            }
            let expected = all.indices.contains(place) ? all[place] : nil
            #expect((cursor.isValid ? OwnedCell(cursor.cell) : nil) == expected, "\(what)")
        }
    }

    @Test("of equal cells, whose sequences were zeroed, the newer source's comes first")
    func equalCells() throws {
        let sources = (0..<5).map { number in
            ArraySource([OwnedCell(row: [1], trailer: 1, value: [UInt8(number)])])
        }
        let cursor = MergeCursor(sources)
        var seen: [UInt8] = []
        try cursor.seekToFirst()
        while cursor.isValid {
            seen += Array(cursor.cell.value)
            if seen.count == 3 {
                try cursor.previous()
                #expect(Array(cursor.cell.value) == [1])
                try cursor.next()
                #expect(Array(cursor.cell.value) == [2])
            }
            try cursor.next()
        }
        #expect(seen == [0, 1, 2, 3, 4])
        try cursor.seekToLast()
        #expect(Array(cursor.cell.value) == [4])
    }

    @Test("an error of a source comes through and leaves the cursor nowhere")
    func errors() {
        let cells = (1...9).map { OwnedCell(row: [UInt8($0)], trailer: 1 << 8 | 1) }
        for moves in 0..<8 {
            let cursor = MergeCursor([ArraySource(cells, failAfter: moves), ArraySource([])])
            #expect(throws: StoreError(.corruption, "as asked")) {
                try cursor.seekToFirst()
                while cursor.isValid { try cursor.next() }
            }
            #expect(!cursor.isValid)
        }
    }
}

extension OwnedCell {
    func withPosition(_ body: (CellPosition) throws(StoreError) -> Void) throws(StoreError) {
        let result = withReference { cell -> Result<Void, StoreError> in
            do throws(StoreError) {
                try body(CellPosition(cell))
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
