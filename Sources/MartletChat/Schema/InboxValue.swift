/// A row of `inbox`: what happened, pointing at the conversation.
struct InboxValue: Hashable, Sendable, RowValue {
    enum Kind: UInt8, Sendable {
        case message = 1
        case delivered = 2
        case readByPeer = 3
        case readByOwn = 4
        /// A message was edited or deleted.
        case changed = 5
        /// How the user and another one, who is in the place of the conversation, stand.
        case contact = 6
        /// The user wants no notifications of the conversation until the time that is in the place
        /// of the number.
        case muted = 7
        /// The user has chosen something else.
        case settings = 8
    }

    var kind: Kind
    var conversation: ConversationID
    /// The message's number, or the cursor moved to.
    var number: UInt64

    func encode(into bytes: inout [UInt8]) {
        bytes.append(1)
        bytes.append(kind.rawValue)
        bytes.append(big: conversation.rawValue)
        bytes.append(varint: number)
    }

    init(kind: Kind, conversation: ConversationID, number: UInt64) {
        self.kind = kind
        self.conversation = conversation
        self.number = number
    }

    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let raw = reader.byte(), let kind = Kind(rawValue: raw),
            let conversation = reader.uint64(), let number = reader.varint(), reader.isAtEnd
        else { return nil }
        self.init(
            kind: kind, conversation: ConversationID(rawValue: conversation), number: number)
    }
}
