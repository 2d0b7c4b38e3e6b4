/// A row of `messages`: one side's copy.
struct MessageValue: Hashable, Sendable {
    var sender: UserID
    var sentAt: UInt64
    /// Only in the author's copy.
    var clientMessageID: String?
    var text: String

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.reserveCapacity(32 + text.utf8.count + (clientMessageID?.utf8.count ?? 0))
        bytes.append(big: sender.rawValue)
        bytes.append(varint: sentAt)
        bytes.append(UInt8(truncatingIfNeeded: clientMessageID?.utf8.count ?? 0))
        if let clientMessageID { bytes.append(contentsOf: clientMessageID.utf8) }
        bytes.append(contentsOf: text.utf8)
        return bytes
    }

    init(sender: UserID, sentAt: UInt64, clientMessageID: String?, text: String) {
        self.sender = sender
        self.sentAt = sentAt
        self.clientMessageID = clientMessageID
        self.text = text
    }

    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let sender = reader.uint64(), let sentAt = reader.varint(),
            let length = reader.byte(), let id = reader.take(Int(length))
        else { return nil }
        self.sender = UserID(rawValue: sender)
        self.sentAt = sentAt
        clientMessageID = length == 0 ? nil : String(decoding: id, as: UTF8.self)
        text = String(decoding: reader.rest(), as: UTF8.self)
    }
}
