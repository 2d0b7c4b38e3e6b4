/// A row of `mutes`: until when a user wants no notifications of a conversation.
struct MuteValue: Hashable, Sendable {
    /// Microseconds since 1970.
    var until: UInt64

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(varint: until)
        return bytes
    }
}

extension MuteValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let until = reader.varint(), reader.isAtEnd else { return nil }
        self.init(until: until)
    }
}
