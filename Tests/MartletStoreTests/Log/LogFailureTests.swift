import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Failing disks under the log") struct LogFailureTests {
    @Test("a failed sync poisons: a later sync that would succeed is refused")
    func failedSync() throws {
        let log = try LogFixture()
        let (writer, batches) = try log.fill(2)
        log.disk.failOperation(at: log.disk.operations + 2, .io)
        let first = storeError { try LogFixture.append([LogFixture.batch(3)], to: writer) }
        #expect(first?.code == .io)
        #expect(first?.path == log.path(1))
        #expect(storeError { try writer.sync() }?.code == .poisoned)
        #expect(storeError { try writer.write() }?.code == .poisoned)
        #expect(storeError { try writer.begin(records: 1, payloadBytes: 1) }?.code == .poisoned)
        #expect(storeError { try writer.close() }?.code == .poisoned)
        log.disk.crash(seed: 1, mode: .keepAll)
        #expect(try log.recover().batches == batches)
    }

    @Test("a failed write poisons", arguments: [DiskFailure.io, .shortWrite, .noSpace])
    func failedWrite(failure: DiskFailure) throws {
        let log = try LogFixture()
        let (writer, batches) = try log.fill(2)
        log.disk.failOperation(at: log.disk.operations + 1, failure)
        let first = storeError { try LogFixture.append([LogFixture.batch(3)], to: writer) }
        #expect(first != nil)
        let second = storeError { try LogFixture.append([LogFixture.batch(3)], to: writer) }
        #expect(second?.code == .poisoned)
        #expect(try log.recover().batches == batches)
    }

    @Test("no room for the next segment refuses the group, and heals when there is room")
    func fullDisk() throws {
        let log = try LogFixture()
        log.disk.capacity = 6000
        let writer = try log.writer()
        var sequence: UInt64 = 0
        var refusal: StoreError?
        while refusal == nil {
            sequence += 1
            refusal = storeError { try LogFixture.append([LogFixture.batch(sequence)], to: writer) }
        }
        #expect(refusal?.code == .noSpace)
        #expect(refusal?.isRetryable == true)
        #expect(try log.disk.list(LogFixture.directory).count == 1)
        log.disk.capacity = nil
        try LogFixture.append([LogFixture.batch(sequence)], to: writer)
        #expect(try log.recover().batches == (1...sequence).map { LogFixture.batch($0) })
    }

    @Test("after a close all is refused")
    func closed() throws {
        let log = try LogFixture()
        let (writer, _) = try log.fill(2)
        try writer.close()
        #expect(storeError { try writer.sync() }?.code == .closed)
        #expect(storeError { try writer.begin(records: 1, payloadBytes: 1) }?.code == .closed)
    }
}
