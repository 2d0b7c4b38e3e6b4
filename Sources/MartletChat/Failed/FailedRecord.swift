import MartletStore

/// What a record of the journal of failed requests says: docs/formats/failed.md.
enum FailedRecord: Hashable, Sendable {
    /// A request is kept, or kept as it is now.
    case failed(FailedRequest)
    /// It is stored: nothing more to do.
    case redriven(UInt64)
    /// An operator, or its sender's own repeat, has ended it.
    case dropped(UInt64)
    /// It was driven again and refused: it stays, for the operator.
    case refused(UInt64, reason: String)

    var record: JournalRecord {
        switch self {
        case .failed(let request):
            JournalRecord(type: 1, id: request.id, payload: request.encoded())
        case .redriven(let id): JournalRecord(type: 2, id: id, payload: [])
        case .dropped(let id): JournalRecord(type: 3, id: id, payload: [])
        case .refused(let id, let reason):
            JournalRecord(type: 4, id: id, payload: Array(reason.utf8))
        }
    }

    /// `nil` for a payload that `record` does not write.
    init?(_ record: JournalRecord) {
        switch record.type {
        case 1:
            guard let request = FailedRequest(id: record.id, record.payload) else { return nil }
            self = .failed(request)
        case 2: self = .redriven(record.id)
        case 3: self = .dropped(record.id)
        default:
            guard let reason = String(validating: record.payload, as: UTF8.self) else { return nil }
            self = .refused(record.id, reason: reason)
        }
    }
}
