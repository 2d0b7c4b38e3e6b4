/// A row of `messages` (one side's copy) or of `group_messages` (the only one).
///
/// Version 1 is a message as it was sent; what was edited, deleted, replies or tells of a change
/// of the group is version 2.
struct MessageValue: Hashable, Sendable, RowValue {
    var sender: UserID
    var sentAt: UInt64
    /// Only in the author's copy, and in a group's.
    var clientMessageID: String?
    var text: String
    /// The number of the message it answers.
    var replyTo: UInt64?
    /// Grows with each edit and deletion.
    var revision: UInt64 = 0
    /// When it was edited last.
    var editedAt: UInt64?
    var removal: Message.Removal?
    var notice: GroupNotice?

    private struct Parts: OptionSet {
        let rawValue: UInt64
        static let reply = Parts(rawValue: 1)
        static let edited = Parts(rawValue: 2)
        static let removed = Parts(rawValue: 4)
        static let notice = Parts(rawValue: 8)
    }

    private var parts: Parts {
        var parts = Parts()
        if replyTo != nil { parts.insert(.reply) }
        if editedAt != nil { parts.insert(.edited) }
        if removal != nil { parts.insert(.removed) }
        if notice != nil { parts.insert(.notice) }
        return parts
    }

    func encode(into bytes: inout [UInt8]) {
        let parts = parts
        let isPlain = parts.isEmpty && revision == 0
        bytes.append(isPlain ? 1 : 2)
        bytes.reserveCapacity(48 + text.utf8.count + (clientMessageID?.utf8.count ?? 0))
        bytes.append(big: sender.rawValue)
        bytes.append(varint: sentAt)
        bytes.append(UInt8(truncatingIfNeeded: clientMessageID?.utf8.count ?? 0))
        if let clientMessageID { bytes.append(utf8: clientMessageID) }
        if !isPlain {
            bytes.append(varint: parts.rawValue)
            bytes.append(varint: revision)
            if let replyTo { bytes.append(varint: replyTo) }
            if let editedAt { bytes.append(varint: editedAt) }
            if let removal { bytes.append(removal.rawValue) }
            if let notice { notice.encode(into: &bytes) }
        }
        bytes.append(utf8: text)
    }

    init(sender: UserID, sentAt: UInt64, clientMessageID: String?, text: String) {
        self.sender = sender
        self.sentAt = sentAt
        self.clientMessageID = clientMessageID
        self.text = text
    }

    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let version = reader.byte(), (1...2).contains(version),
            let sender = reader.uint64(), let sentAt = reader.varint(),
            let length = reader.byte(), let id = reader.take(Int(length))
        else { return nil }
        self.sender = UserID(rawValue: sender)
        self.sentAt = sentAt
        clientMessageID = length == 0 ? nil : String(decoding: id, as: UTF8.self)
        text = ""
        if version == 2, !readParts(&reader) { return nil }
        text = String(decoding: reader.rest(), as: UTF8.self)
    }

    private mutating func readParts(_ reader: inout ByteReader) -> Bool {
        guard let raw = reader.varint(), raw < 16, let revision = reader.varint() else {
            return false
        }
        self.revision = revision
        let parts = Parts(rawValue: raw)
        if parts.contains(.reply) {
            replyTo = reader.varint()
            if replyTo == nil { return false }
        }
        if parts.contains(.edited) {
            editedAt = reader.varint()
            if editedAt == nil { return false }
        }
        if parts.contains(.removed) {
            removal = reader.byte().flatMap { Message.Removal(rawValue: $0) }
            if removal == nil { return false }
        }
        if parts.contains(.notice) {
            notice = GroupNotice(&reader)
            if notice == nil { return false }
        }
        return true
    }

    /// What is left of it for everybody, or for one user.
    mutating func remove(_ removal: Message.Removal) {
        self.removal = removal
        text = ""
        replyTo = nil
        editedAt = nil
    }
}
