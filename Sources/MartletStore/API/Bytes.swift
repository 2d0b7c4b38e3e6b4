/// Anything whose bytes can be read in place: rows, qualifiers and values are given as such.
public protocol Bytes {
    /// Calls `body` with the bytes, which are valid during the call only.
    func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value
}

extension Array: Bytes where Element == UInt8 {
    /// The array's elements.
    @inlinable
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try withUnsafeBufferPointer { (buffer) throws(Failure) in
            try body(UnsafeRawBufferPointer(buffer))
        }
    }
}

extension ArraySlice: Bytes where Element == UInt8 {
    /// The slice's elements.
    @inlinable
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try withUnsafeBufferPointer { (buffer) throws(Failure) in
            try body(UnsafeRawBufferPointer(buffer))
        }
    }
}

extension String: Bytes {
    /// The string's UTF-8.
    @inlinable
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        var copy = self
        var failure: Failure?
        let value: Value? = copy.withUTF8 { buffer in
            do throws(Failure) {
                return try body(UnsafeRawBufferPointer(buffer))
            } catch {
                failure = error
                return nil
            }
        }
        if let failure { throw failure }
        guard let value else { preconditionFailure("the body returned or threw") }
        return value
    }
}

extension UnsafeRawBufferPointer: Bytes {
    /// The memory itself.
    @inlinable
    public func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(self)
    }
}
