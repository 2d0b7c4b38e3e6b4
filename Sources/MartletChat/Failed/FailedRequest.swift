import MartletStore

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
        JournalRecord.padded(
            JournalRecord.headSize + Self.fixedBytes + send.clientMessageID.utf8.count
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
        var fields = FieldEncoder()
        fields.bytes.reserveCapacity(room)
        let numbers = [
            send.user.rawValue, send.conversation.rawValue, send.sentAt, failedAt,
            send.replyTo ?? 0,
        ]
        for number in numbers { fields.put(number) }
        fields.put(Self.sendKind)
        fields.put(isRefused)
        fields.put(UInt8(clamping: send.clientMessageID.utf8.count))
        fields.put(UInt8(clamping: reason.utf8.count))
        for text in [send.clientMessageID, reason, send.text] { fields.bytes += text.utf8 }
        return fields.bytes
    }

    /// `nil` for anything that `encoded` does not write.
    init?(id: UInt64, _ payload: [UInt8]) {
        var fields = FieldDecoder(payload[...])
        do throws(FrameError) {
            let user = UserID(rawValue: try fields.number())
            let conversation = ConversationID(rawValue: try fields.number())
            let (sentAt, failedAt) = (
                try fields.number(UInt64.self), try fields.number(UInt64.self)
            )
            let replyTo = try fields.number(UInt64.self)
            guard try fields.number(UInt8.self) == Self.sendKind else { return nil }
            let isRefused = try fields.flag()
            let (idBytes, reasonBytes) = (
                try fields.number(UInt8.self), try fields.number(UInt8.self)
            )
            let clientMessageID = try fields.text(bytes: Int(idBytes))
            let reason = try fields.text(bytes: Int(reasonBytes))
            let send = SendMessage(
                user: user, conversation: conversation, text: try fields.textToEnd(),
                clientMessageID: clientMessageID, sentAt: sentAt,
                replyTo: replyTo == 0 ? nil : replyTo)
            self.init(
                id: id, send: send, failedAt: failedAt, reason: reason, isRefused: isRefused)
        } catch {
            return nil
        }
    }
}
