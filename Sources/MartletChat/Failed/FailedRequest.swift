/// A send that the store could not take, as it is kept: all that running it again takes.
struct FailedRequest: Hashable, Sendable {
    /// Its place in the order in which requests came in; names it for operators.
    var id: UInt64
    var send: SendMessage
    /// When it failed first, in microseconds since 1970.
    var failedAt: UInt64
    /// Why it failed, or was refused when it was driven again. Words, without secrets.
    var reason: String
    /// Whether it was refused: only an operator drives it again.
    var isRefused = false

    /// Bytes of a reason, at most.
    static let reasonBytes = 128

    var key: SendKey { SendKey(user: send.user, clientMessageID: send.clientMessageID) }

    /// Bytes that it takes in the journal, whatever its reason is.
    var room: Int {
        FailedRecord.padded(
            FailedRecord.headerBytes + Self.fixedBytes + send.clientMessageID.utf8.count
                + Self.reasonBytes + send.text.utf8.count)
    }

    /// The beginning of `reason` that fits, whole characters only.
    static func cut(_ reason: String) -> String {
        var cut = reason
        while cut.utf8.count > reasonBytes { cut.removeLast() }
        return cut
    }
}

/// The bytes of docs/formats/failed.md.
extension FailedRequest {
    private static let fixedBytes = 44
    /// The only kind of request that is kept.
    private static let sendKind: UInt8 = 1

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(room)
        bytes.append(little: send.user.rawValue)
        bytes.append(little: send.conversation.rawValue)
        bytes.append(little: send.sentAt)
        bytes.append(little: failedAt)
        bytes.append(little: send.replyTo ?? 0)
        bytes.append(Self.sendKind)
        bytes.append(isRefused ? 1 : 0)
        bytes.append(UInt8(clamping: send.clientMessageID.utf8.count))
        bytes.append(UInt8(clamping: reason.utf8.count))
        bytes.append(contentsOf: send.clientMessageID.utf8)
        bytes.append(contentsOf: reason.utf8)
        bytes.append(contentsOf: send.text.utf8)
        return bytes
    }

    /// `nil` for anything that `encoded` does not write.
    init?(id: UInt64, _ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.fixedBytes, bytes[40] == Self.sendKind, bytes[41] < 2 else {
            return nil
        }
        let idEnd = Self.fixedBytes + Int(bytes[42])
        let reasonEnd = idEnd + Int(bytes[43])
        guard reasonEnd <= bytes.count,
            let clientMessageID = String(
                validating: bytes[Self.fixedBytes..<idEnd], as: UTF8.self),
            let reason = String(validating: bytes[idEnd..<reasonEnd], as: UTF8.self),
            let text = String(validating: bytes[reasonEnd...], as: UTF8.self)
        else { return nil }
        let replyTo = bytes.little(UInt64.self, at: 32)
        let send = SendMessage(
            user: UserID(rawValue: bytes.little(UInt64.self, at: 0)),
            conversation: ConversationID(rawValue: bytes.little(UInt64.self, at: 8)), text: text,
            clientMessageID: clientMessageID, sentAt: bytes.little(UInt64.self, at: 16),
            replyTo: replyTo == 0 ? nil : replyTo)
        self.init(
            id: id, send: send, failedAt: bytes.little(UInt64.self, at: 24), reason: reason,
            isRefused: bytes[41] == 1)
    }
}
