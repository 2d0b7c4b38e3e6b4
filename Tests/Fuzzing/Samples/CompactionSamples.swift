package import MartletStore

package import MartletCompaction

/// One frame of every kind.
package enum CompactionSamples {
    package static let store = StoreID(low: 0x0102_0304_0506_0708, high: 0x1112_1314_1516_1718)

    package static var hello: Hello {
        Hello(store: store, workers: 2, memory: 1 << 30, name: "pid=7", build: "0.1.0")
    }

    package static func table(_ number: UInt64, level: UInt8 = 6) -> TableMetadata {
        TableMetadata(
            tree: 1, level: level, number: number, tableID: 0xabcd, size: 4096,
            smallestRow: Array("ann".utf8), largestRow: Array("ben".utf8), minSequence: 1,
            maxSequence: 9, cellCount: 3, tombstoneCount: 1, rangeTombstoneCount: 0,
            minTimestamp: 10, maxTimestamp: 20, createdAt: 30)
    }

    package static var job: CompactionJob {
        CompactionJob(
            id: 0x51, family: Family(id: 1, table: "t", schema: FamilySchema("f")),
            reason: "levelZero", inputs: [[table(4, level: 0)]], below: [], outputLevel: 6,
            rows: RowRange(start: [], end: Array("m".utf8)), snapshots: [5], now: 30,
            fileSize: 64 << 20, outputs: [TableIdentity(number: 7, id: 0xabcd)])
    }

    package static var offer: JobBoard.Offer {
        JobBoard.Offer(job: job, token: 0x77, progress: JobProgress(tables: 0, rest: []))
    }

    package static let daemon: [DaemonFrame] = [
        .hello(hello), .claim(memory: 1 << 30),
        .heartbeat([Beat(job: 0x51, token: 0x77, bytes: 8192)]),
        .finished(job: 0x51, token: 0x77, rest: Array("m".utf8), table: table(7)),
        .written(job: 0x51, token: 0x77), .failed(job: 0x51, token: 0x77, reason: "io"),
        .release(job: 0x51, token: 0x77), .status,
    ]

    package static var server: [ServerFrame] {
        var status = CompactionStatus()
        status.counts.committed = 3
        status.daemons = [
            CompactionStatus.Daemon(
                id: 1, name: "d", workers: 2, memory: 9, isTrusted: true, tables: 4, bytes: 5)
        ]
        status.jobs = [
            CompactionStatus.Job(
                id: 0x51, table: "t", family: "f", reason: "manual", level: 6, state: .running,
                daemon: 1, inputBytes: 10, tables: 1, bytes: 11, silentMilliseconds: 12)
        ]
        return [
            .welcome(lease: 10_000, build: "0.1.0"), .job(offer),
            .lost(job: 0x51, .staleClaim), .refused(.store, "another store"), .status(status),
        ]
    }
}
