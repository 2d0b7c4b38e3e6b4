/// A row of `sends`: what the first send with a client message id got.
struct SendValue: Hashable, Sendable, RowValue {
    var conversation: ConversationID
    var number: UInt64
    var seq: UInt64
    var sentAt: UInt64

    func encode(into bytes: inout [UInt8]) {
        bytes.append(1)
        bytes.append(big: conversation.rawValue)
        bytes.append(varint: number)
        bytes.append(varint: seq)
        bytes.append(varint: sentAt)
    }
}

extension SendValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let conversation = reader.uint64(),
            let number = reader.varint(), let seq = reader.varint(),
            let sentAt = reader.varint(), reader.isAtEnd
        else { return nil }
        self.init(
            conversation: ConversationID(rawValue: conversation), number: number, seq: seq,
            sentAt: sentAt)
    }
}
