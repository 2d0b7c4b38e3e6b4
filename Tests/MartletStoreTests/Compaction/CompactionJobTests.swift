import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A compaction's jobs") struct CompactionJobTests {
    @Test("a job's bytes give the job again, and no other length of them gives any")
    func coding() throws {
        var job = JobBoardScript.job(5, "a", "q")
        job.snapshots = [3, 9]
        job.below = [[], [JobBoardScript.table(4, "k", 6)]]
        let bytes = job.encoded()
        #expect(try CompactionJob(decoding: bytes[...]) == job)
        for count in 0..<bytes.count {
            #expect(throws: FrameError.self) { try CompactionJob(decoding: bytes[..<count]) }
        }
        #expect(throws: FrameError.self) { try CompactionJob(decoding: (bytes + [0])[...]) }
    }

    @Test("parts of a plan cover all rows, none twice, and begin at tables' first rows")
    func split() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let tables = (0..<Int.random(in: 1...30, using: &random)).map { number in
                var table = JobBoardScript.table(UInt64(number), "", 1)
                table.smallestRow = [UInt8.random(in: 0...255, using: &random)]
                table.largestRow = [255]
                table.size = UInt64.random(in: 1...100, using: &random)
                return table
            }
            let parts = Int.random(in: 1...8, using: &random)
            let ranges = PlanSplit(tables, parts: parts, bytesMin: 20).ranges
            #expect(ranges.count <= parts && !ranges.isEmpty)
            #expect(ranges.first?.start == [] && ranges.last?.end == [])
            for (left, right) in zip(ranges, ranges.dropFirst()) {
                #expect(left.end == right.start && left.start.lexicographicallyPrecedes(left.end))
                #expect(tables.contains { $0.smallestRow == right.start })
            }
        }
    }
}
