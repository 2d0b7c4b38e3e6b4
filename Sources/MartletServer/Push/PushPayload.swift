import MartletChat
import NIOCore

/// What a push tells the client's program: one JSON object.
enum PushPayload {
    /// Bytes of a text that is said; a push service takes 4,096 in all.
    static let textBytes = 1_000

    static func json(_ conversation: ConversationID, _ content: PushContent) -> [UInt8] {
        var json = JSONWriter(reserving: 0)
        json.beginObject()
        json.field("conversation", id: conversation.rawValue)
        json.field("number", content.number)
        json.field("unread", content.unread)
        if let title = content.title { json.field("title", title) }
        if let text = content.text { json.field("text", cut(text)) }
        json.endObject()
        return Array(json.finish().readableBytesView)
    }

    /// The beginning of a text, whole characters only.
    static func cut(_ text: String) -> String {
        if text.utf8.count <= textBytes { return text }
        var cut = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            if bytes > textBytes - 3 { break }
            cut.append(character)
        }
        return cut + "…"
    }
}
