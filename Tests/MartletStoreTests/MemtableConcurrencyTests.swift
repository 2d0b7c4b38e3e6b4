import Glibc
import MartletStore
import Synchronization
import Testing

@Suite("A memtable read while it is written")
struct MemtableConcurrencyTests {
    /// What the threads share. Sequence `n` is the n-th cell of `rows`.
    private final class Shared: Sendable {
        let memtable = Memtable(capacity: 64 << 20)
        let rows: [UInt64]
        let published = Atomic<Int>(0)
        let failures = Atomic<Int>(0)
        let rounds = Atomic<Int>(0)

        init(_ rows: [UInt64]) { self.rows = rows }

        func write() {
            for (index, row) in rows.enumerated() {
                let entered = withUnsafeBytes(of: row.bigEndian) { row in
                    memtable.insert(
                        row: row, qualifier: UnsafeRawBufferPointer(start: nil, count: 0),
                        timestamp: 1, trailer: UInt64(index + 1) << 8 | 1, value: row)
                }
                if !entered { failures.add(1, ordering: .relaxed) }
                published.store(index + 1, ordering: .releasing)
            }
        }

        func read(seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            var done = false
            while !done {
                let sequence = published.load(ordering: .acquiring)
                done = sequence == rows.count
                scan(sequence, forward: true)
                scan(sequence, forward: false)
                for _ in 0..<(sequence == 0 ? 0 : 200) {
                    probe(Int.random(in: 0..<sequence, using: &random), sequence)
                }
                rounds.add(1, ordering: .relaxed)
            }
        }

        private func scan(_ sequence: Int, forward: Bool) {
            var cursor = memtable.makeCursor()
            var count = 0
            var last: UInt64?
            if forward { cursor.seekToFirst() } else { cursor.seekToLast() }
            while cursor.isValid {
                let cell = cursor.cell
                let head = CellOrder.head(cell.row)
                if let last, forward ? head <= last : head >= last {
                    failures.add(1, ordering: .relaxed)
                }
                last = head
                if cell.sequence <= sequence { count += 1 }
                if forward { cursor.next() } else { cursor.previous() }
            }
            if count != sequence { failures.add(1, ordering: .relaxed) }
        }

        private func probe(_ index: Int, _ sequence: Int) {
            var cursor = memtable.makeCursor()
            let found = withUnsafeBytes(of: rows[index].bigEndian) { row in
                cursor.seek(CellPosition(startOf: row))
                return cursor.isValid && cursor.cell.sequence == UInt64(index + 1)
            }
            if !found { failures.add(1, ordering: .relaxed) }
            let before = withUnsafeBytes(of: (rows[index] + 1).bigEndian) { row in
                cursor.seekBefore(CellPosition(startOf: row))
                return cursor.isValid && cursor.cell.sequence == UInt64(index + 1)
            }
            if !before { failures.add(1, ordering: .relaxed) }
        }
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        var thread = pthread_t()
        let job = Unmanaged.passRetained(Job(body)).toOpaque()
        pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Job>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            }, job)
        return thread
    }

    @Test(
        "two readers see every published cell once and in order, both ways",
        arguments: ["random", "ascending", "descending", "interleaved"])
    func readers(order: String) {
        let count = 20_000
        var rows = (0..<UInt64(count)).map { $0 * 3 }
        var random = SeededGenerator(seed: 11)
        switch order {
        case "random": rows.shuffle(using: &random)
        case "descending": rows.reverse()
        case "interleaved": rows = (0..<UInt64(count)).map { ($0 % 7) << 32 | $0 * 3 }
        default: break
        }
        let shared = Shared(rows)
        let readers = [UInt64(1), 2].map { seed in thread { shared.read(seed: seed) } }
        let writer = thread { shared.write() }
        for thread in readers + [writer] { pthread_join(thread, nil) }
        #expect(shared.failures.load(ordering: .relaxed) == 0)
        #expect(shared.rounds.load(ordering: .relaxed) >= 2)
        #expect(shared.memtable.cellCount == count)
    }
}
