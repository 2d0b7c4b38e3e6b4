/// One decoded mutation: pointers into the batch.
package enum Mutation {
    case cell(CellReference)
    case range(start: UnsafeRawBufferPointer, end: UnsafeRawBufferPointer, sequence: UInt64)

    package var sequence: UInt64 {
        switch self {
        case .cell(let cell): cell.sequence
        case .range(_, _, let sequence): sequence
        }
    }
}

/// Reads a batch (docs/formats/batch.md) mutation by mutation, in place, checking every bound: the
/// bytes may come from a log that a fault has changed in spite of its checksum.
package struct BatchDecoder {
    private let bytes: UnsafeRawBufferPointer
    /// What the store's clock said at the commit.
    package let storeTimestamp: UInt64
    private var offset: Int
    private var sequence: UInt64
    private var left: UInt32
    /// The family of the mutation that `next` gave last.
    package private(set) var tree: UInt32 = 0

    /// - Parameters:
    ///   - body: count and mutations.
    ///   - timestamp: the store's timestamp for mutations without one of their own.
    ///   - firstSequence: the sequence of the first mutation.
    package init(
        body: UnsafeRawBufferPointer, timestamp: UInt64, firstSequence: UInt64
    ) throws(StoreError) {
        guard body.count >= 4 else { throw StoreError(.corruption, "a batch without its count") }
        bytes = body
        storeTimestamp = timestamp
        sequence = firstSequence
        left = UInt32(littleEndian: body.loadUnaligned(as: UInt32.self))
        offset = 4
    }

    /// A logged payload: the store's timestamp, then the body.
    package init(
        payload: UnsafeRawBufferPointer, firstSequence: UInt64
    ) throws(StoreError) {
        guard payload.count >= BatchFormat.timestampSize else {
            throw StoreError(.corruption, "a batch without its timestamp")
        }
        let timestamp = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        try self.init(
            body: UnsafeRawBufferPointer(rebasing: payload[BatchFormat.timestampSize...]),
            timestamp: timestamp, firstSequence: firstSequence)
    }

    /// How many mutations are still to come.
    package var remaining: Int { Int(left) }

    /// The next mutation; `nil` at the end.
    @inline(__always)
    package mutating func next() throws(StoreError) -> Mutation? {
        if left == 0 {
            guard offset == bytes.count else { throw damaged("has bytes behind its end") }
            return nil
        }
        left &-= 1
        let operation = try byte()
        let kind = operation & 0x3f
        let number = try varint()
        guard number <= UInt64(UInt32.max) else { throw damaged("names tree \(number)") }
        tree = UInt32(number)
        let row = try counted()
        defer { sequence &+= 1 }
        if kind == BatchFormat.deleteRange {
            return .range(start: row, end: try counted(), sequence: sequence)
        }
        guard kind >= CellKind.put.rawValue, kind <= CellKind.deleteFamily.rawValue else {
            throw damaged("has an unknown operation \(kind)")
        }
        let qualifier = try counted()
        let own = operation & BatchFormat.hasTimestamp != 0 ? try word() : storeTimestamp
        let timeToLive = operation & BatchFormat.hasTimeToLive != 0 ? try word() : 0
        let isPut = kind == CellKind.put.rawValue
        let value = isPut ? try counted() : UnsafeRawBufferPointer(start: nil, count: 0)
        return .cell(
            CellReference(
                row: row, qualifier: qualifier, timestamp: own,
                trailer: sequence << 8 | UInt64(kind), timeToLive: timeToLive, value: value))
    }

    private func damaged(_ what: String) -> StoreError {
        StoreError(.corruption, "a batch \(what)", offset: UInt64(offset))
    }

    @inline(__always)
    private mutating func byte() throws(StoreError) -> UInt8 {
        guard offset < bytes.count else { throw damaged("is cut short") }
        defer { offset &+= 1 }
        return bytes[offset]
    }

    @inline(__always)
    private mutating func varint() throws(StoreError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = try byte()
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 { return value }
            shift += 7
        }
        throw damaged("has a number that does not end")
    }

    @inline(__always)
    private mutating func word() throws(StoreError) -> UInt64 {
        guard bytes.count - offset >= 8 else { throw damaged("is cut short") }
        defer { offset &+= 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private mutating func counted() throws(StoreError) -> UnsafeRawBufferPointer {
        let count = try varint()
        guard count <= UInt64(bytes.count - offset) else { throw damaged("is cut short") }
        let start = offset
        offset &+= Int(count)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }
}
