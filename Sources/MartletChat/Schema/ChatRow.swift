import MartletStore

/// A row key of the chat, built in place: at most 74 bytes (shard, user and a client message id),
/// and no allocation, since a message makes eight of them.
struct ChatRow: Bytes, Hashable, Sendable {
    private typealias Word = UInt64
    private var words: (Word, Word, Word, Word, Word, Word, Word, Word, Word, Word)
    private(set) var count = 0

    static let capacity = 80

    init() {
        words = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }

    /// Appends a number, big-endian.
    @inline(__always)
    mutating func append<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) {
        let end = count + MemoryLayout<Integer>.size
        precondition(end <= Self.capacity, "a row key of the chat has 80 bytes at most")
        withUnsafeMutableBytes(of: &words) {
            $0.storeBytes(of: value.bigEndian, toByteOffset: count, as: Integer.self)
        }
        count = end
    }

    /// Appends bytes as they are; what does not fit is an error of the caller, who has checked.
    mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { source in
            precondition(count + source.count <= Self.capacity, "bounded by ChatLimits")
            withUnsafeMutableBytes(of: &words) { target in
                for place in 0..<source.count { target[count + place] = source[place] }
            }
            count += source.count
        }
    }

    @inline(__always)
    func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try withUnsafeBytes(of: words) { (all) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: all[..<count]))
        }
    }

    /// A copy of the bytes.
    var bytes: [UInt8] { withBytes { Array($0) } }

    static func == (one: ChatRow, other: ChatRow) -> Bool { one.bytes == other.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
