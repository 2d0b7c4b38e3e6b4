package import MartletStore

/// Who a daemon is, and what it understands.
package struct Hello: Sendable, Equatable {
    /// The protocol of this version.
    package static let version: UInt16 = 1

    package var version = Hello.version
    /// The version of the table format that it writes.
    package var tableFormat = TableFormat.version
    package var store: StoreID
    /// Jobs that it runs at once; 0: it only asks for the status.
    package var workers: UInt16
    /// Bytes of memory that its merges may take together.
    package var memory: UInt64
    /// For people: process and host.
    package var name: String
    /// For people: the build.
    package var build: String

    package init(store: StoreID, workers: UInt16, memory: UInt64, name: String, build: String) {
        self.store = store
        self.workers = workers
        self.memory = memory
        self.name = name
        self.build = build
    }
}

/// That a claimant lives, and how much it has read and written.
package struct Beat: Sendable, Equatable {
    package var job: UInt64
    package var token: UInt64
    package var bytes: UInt64

    package init(job: UInt64, token: UInt64, bytes: UInt64) {
        self.job = job
        self.token = token
        self.bytes = bytes
    }
}

/// What a daemon says: docs/protocol/compaction.md.
package enum DaemonFrame: Sendable, Equatable {
    case hello(Hello)
    /// A job is wanted that fits into so many bytes of memory.
    case claim(memory: UInt64)
    case heartbeat([Beat])
    /// A table is finished; the job's rest begins at `rest`.
    case finished(job: UInt64, token: UInt64, rest: [UInt8], table: TableMetadata)
    case written(job: UInt64, token: UInt64)
    case failed(job: UInt64, token: UInt64, reason: String)
    case release(job: UInt64, token: UInt64)
    case status

    /// Beats of one frame at most.
    package static let beatsMax = 256

    package var encoded: [UInt8] {
        switch self {
        case .hello(let hello):
            var writer = FrameWriter(type: 1)
            writer.put(hello.version)
            writer.put(hello.tableFormat)
            writer.put(hello.store.low)
            writer.put(hello.store.high)
            writer.put(hello.workers)
            writer.put(hello.memory)
            writer.put(hello.name)
            writer.put(hello.build)
            return writer.frame()
        case .claim(let memory):
            var writer = FrameWriter(type: 2)
            writer.put(memory)
            return writer.frame()
        case .heartbeat(let beats):
            var writer = FrameWriter(type: 3)
            writer.put(UInt16(clamping: beats.count))
            for beat in beats {
                for number in [beat.job, beat.token, beat.bytes] { writer.put(number) }
            }
            return writer.frame()
        case .finished(let job, let token, let rest, let table):
            var writer = Self.claimed(4, job, token)
            writer.put(rest)
            writer.put(table.encoded())
            return writer.frame()
        case .written(let job, let token): return Self.claimed(5, job, token).frame()
        case .failed(let job, let token, let reason):
            var writer = Self.claimed(6, job, token)
            writer.put(String(reason.prefix(200)))
            return writer.frame()
        case .release(let job, let token): return Self.claimed(7, job, token).frame()
        case .status: return FrameWriter(type: 8).frame()
        }
    }

    private static func claimed(_ type: UInt8, _ job: UInt64, _ token: UInt64) -> FrameWriter {
        var writer = FrameWriter(type: type)
        writer.put(job)
        writer.put(token)
        return writer
    }

    package init(type: UInt8, body: FrameBody) throws(FrameFault) {
        var body = body
        switch type {
        case 1:
            // What follows the version may differ in other versions: it is not looked at.
            let version: UInt16 = try body.number()
            guard version == Hello.version else {
                var hello = Hello(
                    store: StoreID(low: 0, high: 0), workers: 0, memory: 0, name: "", build: "")
                hello.version = version
                self = .hello(hello)
                return
            }
            self = .hello(try Hello(&body))
        case 2: self = .claim(memory: try body.number())
        case 3:
            let count: UInt16 = try body.number()
            guard count <= Self.beatsMax else { throw .body }
            var beats: [Beat] = []
            for _ in 0..<count {
                beats.append(
                    Beat(
                        job: try body.number(), token: try body.number(),
                        bytes: try body.number()))
            }
            self = .heartbeat(beats)
        case 4:
            self = .finished(
                job: try body.number(), token: try body.number(), rest: try body.bytes(),
                table: try TableMetadata(frame: try body.bytes()))
        case 5: self = .written(job: try body.number(), token: try body.number())
        case 6:
            self = .failed(
                job: try body.number(), token: try body.number(), reason: try body.text())
        case 7: self = .release(job: try body.number(), token: try body.number())
        case 8: self = .status
        default: throw .unknownType(type)
        }
        try body.end()
    }
}

extension Hello {
    /// Behind the version.
    fileprivate init(_ body: inout FrameBody) throws(FrameFault) {
        let format: UInt32 = try body.number()
        self.init(
            store: StoreID(low: try body.number(), high: try body.number()),
            workers: try body.number(), memory: try body.number(), name: try body.text(),
            build: try body.text())
        tableFormat = format
    }
}

extension TableMetadata {
    init(frame bytes: [UInt8]) throws(FrameFault) {
        do {
            self = try bytes.withUnsafeBytes { try TableMetadata(decoding: $0) }
        } catch {
            throw .body
        }
    }
}
