import MartletSimulation
import Testing

@testable import MartletStore

/// A memtable is flushed by age, and its first entry may carry a later time than the one that asks:
/// a commit reads the clock before it has the lock.
@Suite("The age of a memtable")
struct MemtableAgeTests {
    private func tree(firstEntryAt time: UInt64) throws -> Tree {
        let tree = Tree(
            Family(id: 0, table: "t", schema: FamilySchema("f")), memtableSize: 1 << 16,
            budget: MemoryBudget(total: 1 << 20), background: SimulatedExecutor())
        let row: [UInt8] = [1]
        row.withUnsafeBytes { row in
            let cell = CellReference(
                row: row, qualifier: UnsafeRawBufferPointer(start: nil, count: 0), timestamp: 1,
                trailer: 1 << 8 | UInt64(CellKind.put.rawValue), timeToLive: 0, value: row)
            _ = tree.apply(.cell(cell), loggedIn: 1, now: time)
        }
        return tree
    }

    @Test("One whose first entry came after the time that was read is young")
    func fromTheFuture() throws {
        let tree = try tree(firstEntryAt: 5_000_000)
        #expect(!tree.isOlder(than: 0, at: 4_999_999))
        #expect(!tree.isOlder(than: 0, at: 5_000_000))
    }

    @Test("It is old when more microseconds have passed than it may have")
    func old() throws {
        let tree = try tree(firstEntryAt: 5_000_000)
        #expect(!tree.isOlder(than: 10, at: 5_010_000))
        #expect(tree.isOlder(than: 10, at: 5_011_000))
    }

    @Test("An age without end is never reached")
    func endless() throws {
        #expect(!(try tree(firstEntryAt: 1)).isOlder(than: .max, at: .max))
    }
}
