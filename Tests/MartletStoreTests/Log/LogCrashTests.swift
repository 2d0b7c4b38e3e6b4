import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Power cuts under the log") struct LogCrashTests {
    /// Writes and syncs at random until the power is cut, four times over, on one disk.
    @Test("synced batches survive any power cut and the rest is a prefix")
    func crashLoop() throws {
        for seed in UInt64(1)...500 {
            try crashes(seed: seed)
        }
    }

    private func crashes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let log = try LogFixture()
        var history: [LogFixture.Batch] = []
        for round in UInt32(1)...4 {
            let place = "seed \(seed) round \(round)"
            let report = try #require(
                try recover(log, &generator, history, place), "\(place)")
            var synced = history.count
            let cut = UInt64.random(in: 1...120, using: &generator)
            log.disk.failOperation(at: log.disk.operations + cut, .powerCut)
            var written = history
            do {
                let writer = try log.writer(report, epoch: round)
                while true {
                    let first = writer.nextSequence
                    let group = (0..<UInt64.random(in: 1...5, using: &generator)).map {
                        LogFixture.batch(
                            first + $0, size: Int.random(in: 9...700, using: &generator))
                    }
                    // A write that failed may have left anything.
                    written += group
                    let syncs = Bool.random(using: &generator)
                    try LogFixture.append(group, to: writer, syncing: syncs)
                    if syncs { synced = written.count }
                }
            } catch let error as StoreError {
                #expect(error.message.contains("the power is off"), "\(place): \(error)")
            }
            let mode = CrashMode.allCases.randomElement(using: &generator) ?? .random
            log.disk.crash(seed: generator.next(), mode: mode)
            let (_, read) = try log.recover(repairs: false)
            #expect(read.count >= synced, "\(place) \(mode)")
            #expect(read == Array(written.prefix(read.count)), "\(place) \(mode)")
            history = read
        }
    }

    /// Recovers, sometimes cutting the power during it: what is read must stay the same.
    private func recover(
        _ log: LogFixture, _ generator: inout SeededGenerator, _ history: [LogFixture.Batch],
        _ place: String
    ) throws -> LogReport? {
        for _ in 0..<100 {
            if Bool.random(using: &generator) {
                let cut = UInt64.random(in: 1...20, using: &generator)
                log.disk.failOperation(at: log.disk.operations + cut, .powerCut)
            }
            do {
                let (report, read) = try log.recover()
                #expect(read == history, "\(place)")
                return report
            } catch {
                #expect(error.message.contains("the power is off"), "\(place): \(error)")
                log.disk.crash(seed: generator.next(), mode: .random)
            }
        }
        return nil
    }
}
