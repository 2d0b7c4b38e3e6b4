import MartletStore

/// What a record of the journal of failed sends says.
struct FailedContent {
    let type: UInt8
    let id: UInt64
    /// Of a send that is kept.
    private(set) var send: FailedSend?
    private(set) var isRefused = false
    /// Of a refusal.
    private(set) var reason = ""

    /// `nil` for a payload that is not of its type.
    init?(_ record: JournalRecord) {
        type = record.type
        id = record.id
        var fields = FieldDecoder(record.payload[...])
        do throws(FrameError) {
            switch record.type {
            case 1:
                let (send, isRefused) = try FailedSend.decode(&fields)
                self.send = send
                self.isRefused = isRefused
            case 4: reason = try fields.textToEnd()
            default: break
            }
        } catch {
            return nil
        }
    }
}

/// A send that the store could not take.
struct FailedSend {
    var user: UInt64
    var conversation: UInt64
    var sentAt: UInt64
    var failedAt: UInt64
    /// 0: none.
    var replyTo: UInt64
    var clientMessageID = ""
    var reason = ""
    var text = ""

    /// The send, and whether it was refused.
    static func decode(
        _ fields: inout FieldDecoder
    ) throws(FrameError) -> (FailedSend, isRefused: Bool) {
        var send = FailedSend(
            user: try fields.number(), conversation: try fields.number(),
            sentAt: try fields.number(), failedAt: try fields.number(),
            replyTo: try fields.number())
        guard try fields.number(UInt8.self) == 1 else {
            throw FrameError(.malformed, "a procedure that is not known")
        }
        let isRefused = try fields.flag()
        let counts = (try fields.number(UInt8.self), try fields.number(UInt8.self))
        send.clientMessageID = try fields.text(bytes: Int(counts.0))
        send.reason = try fields.text(bytes: Int(counts.1))
        send.text = try fields.textToEnd()
        return (send, isRefused)
    }
}
