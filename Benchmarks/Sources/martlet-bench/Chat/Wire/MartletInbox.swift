/// A device's cursor in its user's inbox, and the rules of `docs/protocol/chat.md` for moving it.
struct MartletInbox {
    /// Everything up to this event was applied; nil if the device does not know where it stands.
    var cursor: (epoch: UInt64, seq: UInt64)?
    /// Events that came with a gap before them, where none may be.
    var disorders = 0

    /// Applies the event whose seq stands at the beginning of `bytes`, which hold nothing else.
    /// - Parameter gapsAllowed: between a reconnect and the end of its sync there must be some.
    /// - Returns: the number of the message, if it is one that somebody else has written.
    mutating func apply(_ bytes: UnsafeRawBufferPointer, gapsAllowed: Bool) -> UInt64? {
        let seq = bytes.number(at: 0)
        if let last = cursor?.seq {
            if seq <= last { return nil }
            if seq > last + 1 {
                if !gapsAllowed { disorders += 1 }
                return nil
            }
        }
        cursor = (cursor?.epoch ?? 0, seq)
        guard let text = bytes.end(of: #""text":""#), let index = bytes.hex(at: text) else {
            return nil
        }
        // Only the author's copy has the client's id.
        let head = UnsafeRawBufferPointer(rebasing: bytes[..<text])
        return head.end(of: #""clientMessageID""#) == nil ? index : nil
    }

    /// Applies a page of `sync`; calls `deliver` with the number of each message of others.
    /// - Returns: whether there is more behind it; nil if it is no page.
    mutating func applyPage(
        _ bytes: UnsafeRawBufferPointer, _ deliver: (UInt64) -> Void
    ) -> Bool? {
        guard let epoch = bytes.end(of: #""epoch":"#), let seq = bytes.end(of: #""seq":"#),
            let list = bytes.end(of: #""events":["#)
        else { return nil }
        let end = bytes.number(at: seq)
        if let known = cursor, known.epoch != 0, bytes.end(of: #""reset":true"#) == nil {
            var next = bytes.end(of: #"{"seq":"#, from: list)
            while let start = next {
                next = bytes.end(of: #"{"seq":"#, from: start)
                let one = UnsafeRawBufferPointer(rebasing: bytes[start..<(next ?? bytes.count)])
                if let index = apply(one, gapsAllowed: true) { deliver(index) }
            }
            if let reached = cursor?.seq, reached < end { disorders += 1 }
        }
        cursor = (bytes.number(at: epoch), max(end, cursor.map { $0.epoch == 0 ? 0 : $0.seq } ?? 0))
        return bytes.end(of: #""limited":true"#) != nil
    }
}
