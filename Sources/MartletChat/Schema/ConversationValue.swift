/// A row of `conversations`: where one side of a one-to-one conversation stands. A group's row is
/// all zeros; it says that the user is or was a member.
struct ConversationValue: Hashable, Sendable, RowValue {
    /// The last message's number.
    var last: UInt64 = 0
    /// The owner's cursors; read <= delivered <= last.
    var delivered: UInt64 = 0
    var read: UInt64 = 0
    /// The peer's, as far as the owner is told.
    var peerDelivered: UInt64 = 0
    var peerRead: UInt64 = 0

    func encode(into bytes: inout [UInt8]) {
        bytes.append(1)
        bytes.append(varint: last)
        bytes.append(varint: delivered)
        bytes.append(varint: read)
        bytes.append(varint: peerDelivered)
        bytes.append(varint: peerRead)
    }
}

extension ConversationValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let last = reader.varint(), let delivered = reader.varint(),
            let read = reader.varint(), let peerDelivered = reader.varint(),
            let peerRead = reader.varint(), reader.isAtEnd
        else { return nil }
        self.init(
            last: last, delivered: delivered, read: read, peerDelivered: peerDelivered,
            peerRead: peerRead)
    }
}
