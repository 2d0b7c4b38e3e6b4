/// A row of `seen`: when a user was last there.
struct SeenValue: Hashable, Sendable {
    /// Microseconds since 1970.
    var at: UInt64

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(varint: at)
        return bytes
    }
}

extension SeenValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let at = reader.varint(), reader.isAtEnd else { return nil }
        self.init(at: at)
    }
}
