import MartletSimulation

@testable import MartletStore

/// A log on a simulated disk, with batches whose bytes follow from their sequence.
struct LogFixture {
    struct Batch: Equatable {
        var sequence: UInt64
        var payload: [UInt8]
    }

    static let directory = "/store/log"
    static let storeID = StoreID(low: 0x0123_4567_89ab_cdef, high: 0xfedc_ba98_7654_3210)

    var disk: SimulatedDisk
    var segmentSize = 4096

    init(segmentSize: Int = 4096) throws {
        disk = SimulatedDisk()
        self.segmentSize = segmentSize
        try disk.createDirectory("/store")
        try disk.createDirectory(Self.directory)
        try disk.syncDirectory("/")
        try disk.syncDirectory("/store")
    }

    func path(_ segment: UInt64) -> String { LogFormat.segmentPath(Self.directory, segment) }

    func contents(_ segment: UInt64) -> [UInt8] { disk.contents(of: path(segment)) ?? [] }

    /// Bytes of 12 or more: a timestamp, the count, and bytes that the sequence decides.
    static func batch(_ sequence: UInt64, count: UInt8 = 1, size: Int = 40) -> Batch {
        var generator = SeededGenerator(seed: sequence)
        var payload = [UInt8](repeating: 7, count: 8) + [count, 0, 0, 0]
        while payload.count < size {
            payload.append(UInt8(truncatingIfNeeded: generator.next()))
        }
        return Batch(sequence: sequence, payload: payload)
    }

    func recover(
        minimum: UInt64 = 0, repairs: Bool = true
    ) throws(StoreError) -> (report: LogReport, batches: [Batch]) {
        var batches: [Batch] = []
        let report = try LogRecovery.run(
            disk, directory: Self.directory, storeID: Self.storeID, minimumSegment: minimum,
            repairs: repairs
        ) { _, sequence, _, payload in
            batches.append(Batch(sequence: sequence, payload: Array(payload)))
        }
        return (report, batches)
    }

    func writer(_ report: LogReport = LogReport(), epoch: UInt32 = 1) throws -> LogWriter {
        try LogWriter(
            disk, directory: Self.directory, storeID: Self.storeID, epoch: epoch,
            segmentSize: segmentSize, recovered: report, nextSequence: 1)
    }

    /// Writes the batches as one group.
    static func append(
        _ batches: [Batch], to writer: LogWriter, syncing: Bool = true
    ) throws(StoreError) {
        let bytes = batches.reduce(0) { $0 + $1.payload.count }
        try writer.begin(records: batches.count, payloadBytes: bytes)
        for batch in batches {
            let bytes = batch.payload.span.bytes
            try bytes.withUnsafeBytes { payload throws(StoreError) in
                try writer.add(
                    sequence: batch.sequence, count: UInt64(batch.payload[8]), head: payload)
            }
        }
        try writer.write()
        if syncing { try writer.sync() }
    }

    /// Writes batches 1 to `count`, each a synced group.
    @discardableResult
    func fill(_ count: UInt64, size: Int = 40) throws -> (writer: LogWriter, batches: [Batch]) {
        let log = try writer()
        let batches = (1...count).map { Self.batch($0, size: size) }
        for batch in batches { try Self.append([batch], to: log) }
        return (log, batches)
    }
}

/// The error that `body` throws, `nil` if it throws none.
func storeError(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}
