import MartletStore

/// One record of the journal of failed requests: docs/formats/failed.md.
enum FailedRecord: Hashable, Sendable {
    /// A request is kept, or kept as it is now.
    case failed(FailedRequest)
    /// It is stored: nothing more to do.
    case redriven(UInt64)
    /// An operator, or its sender's own repeat, has ended it.
    case dropped(UInt64)
    /// It was driven again and refused: it stays, for the operator.
    case refused(UInt64, reason: String)

    static let headerBytes = 32

    static func padded(_ count: Int) -> Int { (count + 7) / 8 * 8 }

    private var type: UInt8 {
        switch self {
        case .failed: 1
        case .redriven: 2
        case .dropped: 3
        case .refused: 4
        }
    }

    private var id: UInt64 {
        switch self {
        case .failed(let request): request.id
        case .redriven(let id), .dropped(let id), .refused(let id, _): id
        }
    }

    private var payload: [UInt8] {
        switch self {
        case .failed(let request): request.encoded()
        case .redriven, .dropped: []
        case .refused(_, let reason): Array(reason.utf8)
        }
    }

    /// Where a record stands in a slot.
    struct Place: Hashable, Sendable {
        var offset: Int
        /// 1 for the slot's first record.
        var sequence: UInt64
        /// Up to where the slot was synced when the record was written.
        var durable: UInt32
    }

    func encoded(at place: Place, salt: UInt64) -> [UInt8] {
        let payload = payload
        var rest: [UInt8] = []
        rest.append(little: UInt32(payload.count))
        rest.append(little: place.sequence)
        rest.append(little: id)
        rest.append(little: place.durable)
        rest += [type, 0, 0, 0]
        rest += payload
        var bytes: [UInt8] = []
        bytes.append(
            little: rest.withUnsafeBytes {
                Checksum.crc32c($0, continuing: Self.seed(salt, place.offset))
            })
        bytes += rest
        bytes.append(
            contentsOf: repeatElement(0, count: Self.padded(bytes.count) - bytes.count))
        return bytes
    }

    private static func seed(_ salt: UInt64, _ offset: Int) -> UInt32 {
        Checksum.seed(fileID: salt, offset: UInt64(offset))
    }

    /// A record that was found intact.
    struct Found: Sendable {
        var record: FailedRecord
        var place: Place
        /// The offset behind it.
        var end: Int
    }

    /// The record at `offset`; `nil` if none is intact there.
    static func read(
        _ slot: UnsafeRawBufferPointer, at offset: Int, salt: UInt64
    ) -> Found? {
        guard slot.count - offset >= headerBytes else { return nil }
        let length = Int(slot.little(UInt32.self, at: offset + 4))
        let kind = slot.little(UInt32.self, at: offset + 28)
        guard (1...4).contains(kind), length <= slot.count - offset - headerBytes else {
            return nil
        }
        let covered = slot[(offset + 4)..<(offset + headerBytes + length)]
        let checksum = Checksum.crc32c(
            UnsafeRawBufferPointer(rebasing: covered), continuing: seed(salt, offset))
        guard checksum == slot.little(UInt32.self, at: offset) else { return nil }
        let payload = UnsafeRawBufferPointer(rebasing: covered.dropFirst(headerBytes - 4))
        let id = slot.little(UInt64.self, at: offset + 16)
        guard let record = make(kind, id, payload) else { return nil }
        let place = Place(
            offset: offset, sequence: slot.little(UInt64.self, at: offset + 8),
            durable: slot.little(UInt32.self, at: offset + 24))
        return Found(
            record: record, place: place, end: offset + padded(headerBytes + length))
    }

    private static func make(
        _ kind: UInt32, _ id: UInt64, _ payload: UnsafeRawBufferPointer
    ) -> FailedRecord? {
        switch kind {
        case 1: FailedRequest(id: id, payload).map { .failed($0) }
        case 2: .redriven(id)
        case 3: .dropped(id)
        default: String(validating: payload, as: UTF8.self).map { .refused(id, reason: $0) }
        }
    }
}
