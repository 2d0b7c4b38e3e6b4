package import MartletStore

/// Why a server takes no daemon, or no more of its frames. Raw values are part of the protocol.
package enum DaemonRefusal: UInt8, Sendable, CaseIterable, Equatable {
    /// The daemon speaks another version of the protocol.
    case version = 1
    /// It writes another version of tables.
    case tableFormat = 2
    /// It looks at another store's directory.
    case store = 3
    /// Bytes that are no frame, or a frame out of turn.
    case frame = 4
    /// Too many daemons are attached.
    case busy = 5
}

/// What a server says: docs/protocol/compaction.md.
package enum ServerFrame: Sendable, Equatable {
    /// The daemon is attached; a claim is lost after `lease` milliseconds of silence.
    case welcome(lease: UInt32, build: String)
    case job(JobBoard.Offer)
    /// The daemon's word about a job was not taken: it works on it no more.
    case lost(job: UInt64, JobRefusal)
    /// The last frame of the connection.
    case refused(DaemonRefusal, String)
    case status(CompactionStatus)

    package var encoded: [UInt8] {
        switch self {
        case .welcome(let lease, let build):
            var writer = FrameWriter(type: 65)
            writer.put(lease)
            writer.put(build)
            return writer.frame()
        case .job(let offer):
            var writer = FrameWriter(type: 66)
            writer.put(offer.token)
            writer.put(UInt32(clamping: offer.progress.tables))
            writer.put(offer.progress.rest)
            writer.put(offer.job.encoded())
            return writer.frame()
        case .lost(let job, let refusal):
            var writer = FrameWriter(type: 67)
            writer.put(job)
            writer.put(refusal.rawValue)
            return writer.frame()
        case .refused(let refusal, let text):
            var writer = FrameWriter(type: 68)
            writer.put(refusal.rawValue)
            writer.put(text)
            return writer.frame()
        case .status(let status):
            var writer = FrameWriter(type: 69)
            status.put(into: &writer)
            return writer.frame()
        }
    }

    package init(type: UInt8, body: FrameBody) throws(FrameFault) {
        var body = body
        switch type {
        case 65: self = .welcome(lease: try body.number(), build: try body.text())
        case 66: self = .job(try JobBoard.Offer(&body))
        case 67:
            let job: UInt64 = try body.number()
            guard let refusal = JobRefusal(rawValue: try body.number()) else { throw .body }
            self = .lost(job: job, refusal)
        case 68:
            guard let refusal = DaemonRefusal(rawValue: try body.number()) else { throw .body }
            self = .refused(refusal, try body.text())
        case 69: self = .status(try CompactionStatus(&body))
        default: throw .unknownType(type)
        }
        try body.end()
    }
}

extension JobBoard.Offer {
    fileprivate init(_ body: inout FrameBody) throws(FrameFault) {
        let token: UInt64 = try body.number()
        let tables: UInt32 = try body.number()
        let progress = JobProgress(tables: Int(tables), rest: try body.bytes())
        let bytes = try body.bytes()
        let job: CompactionJob
        do {
            job = try bytes.withUnsafeBytes { try CompactionJob(decoding: $0) }
        } catch {
            throw .body
        }
        self.init(job: job, token: token, progress: progress)
    }
}
