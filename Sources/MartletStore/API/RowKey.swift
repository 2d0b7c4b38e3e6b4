/// A composite key whose byte order is the order of its parts.
///
/// Integers are big-endian, so `RowKey` of (user, conversation, seq) sorts by user, then
/// conversation, then seq. Fixed-width parts need no separators; a variable-length part belongs
/// last.
public struct RowKey: Bytes, Sendable, Hashable {
    /// The encoded key.
    public private(set) var bytes: [UInt8] = []

    /// An empty key, with room for `capacity` bytes.
    public init(capacity: Int = 32) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends an unsigned integer of any width, big-endian.
    public mutating func append<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends bytes as they are.
    public mutating func append(raw other: some Bytes) {
        other.withBytes { bytes.append(contentsOf: $0) }
    }

    /// The key's bytes.
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try bytes.withBytes(body)
    }
}
