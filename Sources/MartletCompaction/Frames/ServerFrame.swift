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
package enum ServerFrame: FrameContent {
    /// The daemon is attached; a claim is lost after `lease` milliseconds of silence.
    case welcome(lease: UInt32, build: String)
    case job(JobBoard.Offer)
    /// The daemon's word about a job was not taken: it works on it no more.
    case lost(job: UInt64, JobRefusal)
    /// The last frame of the connection.
    case refused(DaemonRefusal, String)
    case status(CompactionStatus)

    package enum Kind: UInt8 {
        case welcome = 65
        case job, lost, refused, status
    }

    package var encoded: [UInt8] { frame().encoded(.ofServer, number: 0) }

    package func encode(_ encoder: inout FieldEncoder) -> Kind {
        switch self {
        case .welcome(let lease, let build):
            encoder.put(lease)
            encoder.put(build)
            return .welcome
        case .job(let offer):
            encoder.put(offer.token)
            encoder.put(UInt32(clamping: offer.progress.tables))
            encoder.put(offer.progress.rest)
            encoder.put(offer.job.encoded())
            return .job
        case .lost(let job, let refusal):
            encoder.put(job)
            encoder.put(refusal.rawValue)
            return .lost
        case .refused(let refusal, let text):
            encoder.put(refusal.rawValue)
            encoder.put(text)
            return .refused
        case .status(let status):
            encoder.put(status)
            return .status
        }
    }

    package init(_ kind: Kind, _ decoder: inout FieldDecoder) throws(FrameError) {
        switch kind {
        case .welcome: self = .welcome(lease: try decoder.number(), build: try decoder.text())
        case .job:
            let token: UInt64 = try decoder.number()
            let tables: UInt32 = try decoder.number()
            let progress = JobProgress(tables: Int(tables), rest: Array(try decoder.string()))
            let job = try CompactionJob(decoding: try decoder.string())
            self = .job(JobBoard.Offer(job: job, token: token, progress: progress))
        case .lost: self = .lost(job: try decoder.number(), try decoder.code())
        case .refused: self = .refused(try decoder.code(), try decoder.text())
        case .status: self = .status(try decoder.status())
        }
    }
}

extension FieldDecoder {
    fileprivate mutating func code<Code: RawRepresentable>() throws(FrameError) -> Code
    where Code.RawValue == UInt8 {
        let raw: UInt8 = try number()
        guard let code = Code(rawValue: raw) else {
            throw FrameError(.malformed, "there is no \(Code.self) of number \(raw)")
        }
        return code
    }
}
