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
package enum DaemonFrame: FrameContent {
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

    package enum Kind: UInt8 {
        case hello = 1
        case claim, heartbeat, finished, written, failed, release, status
    }

    package var encoded: [UInt8] { frame().encoded(.ofDaemons, number: 0) }

    package func encode(_ encoder: inout FieldEncoder) -> Kind {
        switch self {
        case .hello(let hello):
            encoder.put(hello)
            return .hello
        case .claim(let memory):
            encoder.put(memory)
            return .claim
        case .heartbeat(let beats):
            encoder.put(UInt16(clamping: beats.count))
            for beat in beats {
                for number in [beat.job, beat.token, beat.bytes] { encoder.put(number) }
            }
            return .heartbeat
        case .finished(let job, let token, let rest, let table):
            for number in [job, token] { encoder.put(number) }
            encoder.put(rest)
            encoder.put(table.encoded())
            return .finished
        case .written(let job, let token):
            for number in [job, token] { encoder.put(number) }
            return .written
        case .failed(let job, let token, let reason):
            for number in [job, token] { encoder.put(number) }
            encoder.put(String(reason.prefix(200)))
            return .failed
        case .release(let job, let token):
            for number in [job, token] { encoder.put(number) }
            return .release
        case .status: return .status
        }
    }

    package init(_ kind: Kind, _ decoder: inout FieldDecoder) throws(FrameError) {
        switch kind {
        case .hello: self = .hello(try decoder.hello())
        case .claim: self = .claim(memory: try decoder.number())
        case .heartbeat:
            let count: UInt16 = try decoder.number()
            guard count <= Self.beatsMax else {
                throw FrameError(.malformed, "\(count) beats in a frame")
            }
            var beats: [Beat] = []
            for _ in 0..<count {
                beats.append(
                    Beat(
                        job: try decoder.number(), token: try decoder.number(),
                        bytes: try decoder.number()))
            }
            self = .heartbeat(beats)
        case .finished:
            self = .finished(
                job: try decoder.number(), token: try decoder.number(),
                rest: Array(try decoder.string()),
                table: try TableMetadata(decoding: try decoder.string()))
        case .written: self = .written(job: try decoder.number(), token: try decoder.number())
        case .failed:
            self = .failed(
                job: try decoder.number(), token: try decoder.number(),
                reason: try decoder.text())
        case .release: self = .release(job: try decoder.number(), token: try decoder.number())
        case .status: self = .status
        }
    }
}

extension FieldEncoder {
    fileprivate mutating func put(_ hello: Hello) {
        put(hello.version)
        put(hello.tableFormat)
        put(hello.store)
        put(hello.workers)
        put(hello.memory)
        put(hello.name)
        put(hello.build)
    }
}

extension FieldDecoder {
    /// What follows the version may differ in other versions: it is not looked at.
    fileprivate mutating func hello() throws(FrameError) -> Hello {
        let version: UInt16 = try number()
        guard version == Hello.version else {
            skip()
            var hello = Hello(
                store: StoreID(low: 0, high: 0), workers: 0, memory: 0, name: "", build: "")
            hello.version = version
            return hello
        }
        let format: UInt32 = try number()
        var hello = Hello(
            store: try storeID(), workers: try number(), memory: try number(), name: try text(),
            build: try text())
        hello.tableFormat = format
        return hello
    }
}
