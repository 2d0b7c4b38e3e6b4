/// The first 64 bytes of a log segment or a manifest.
package struct LogHeader: Sendable, Equatable {
    /// Bytes in the file, and the offset of the first record.
    package static let size = 64

    /// Which kind of file this is: `LogFormat.segmentMagic` or `.manifestMagic` as a number.
    package var magic: UInt64
    /// The format's version.
    package var version: UInt32
    /// The store's epoch when the file was begun.
    package var epoch: UInt32
    /// The segment's id or the manifest's number: the file's id in every checksum.
    package var fileID: UInt64
    /// The store that the file belongs to.
    package var storeID: StoreID
    /// The sequence that the first record must have.
    package var firstSequence: UInt64
    /// Bytes reserved for the file; 0 if none were.
    package var capacity: UInt32

    package init(
        magic: StaticString, epoch: UInt32, fileID: UInt64, storeID: StoreID,
        firstSequence: UInt64, capacity: UInt32
    ) {
        self.magic = Self.number(of: magic)
        self.version = LogFormat.version
        self.epoch = epoch
        self.fileID = fileID
        self.storeID = storeID
        self.firstSequence = firstSequence
        self.capacity = capacity
    }

    /// Writes the header to the first 64 bytes of `target`.
    package func encode(into target: UnsafeMutableRawBufferPointer) {
        target.storeBytes(of: magic.littleEndian, toByteOffset: 0, as: UInt64.self)
        target.storeBytes(of: version.littleEndian, toByteOffset: 8, as: UInt32.self)
        target.storeBytes(of: epoch.littleEndian, toByteOffset: 12, as: UInt32.self)
        target.storeBytes(of: fileID.littleEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: storeID.low.littleEndian, toByteOffset: 24, as: UInt64.self)
        target.storeBytes(of: storeID.high.littleEndian, toByteOffset: 32, as: UInt64.self)
        target.storeBytes(of: firstSequence.littleEndian, toByteOffset: 40, as: UInt64.self)
        target.storeBytes(of: capacity.littleEndian, toByteOffset: 48, as: UInt32.self)
        target.storeBytes(of: 0, toByteOffset: 52, as: UInt64.self)
        let checksum = Checksum.crc32c(UnsafeRawBufferPointer(rebasing: target[..<60]))
        target.storeBytes(of: checksum.littleEndian, toByteOffset: 60, as: UInt32.self)
    }

    /// The header in the first 64 bytes of `bytes`; `nil` if they are not an intact one of `magic`.
    package init?(decoding bytes: UnsafeRawBufferPointer, magic: StaticString) {
        guard bytes.count >= Self.size,
            bytes.number(at: 0, UInt64.self) == Self.number(of: magic),
            Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<60]))
                == bytes.number(at: 60, UInt32.self)
        else { return nil }
        self.magic = bytes.number(at: 0, UInt64.self)
        version = bytes.number(at: 8, UInt32.self)
        epoch = bytes.number(at: 12, UInt32.self)
        fileID = bytes.number(at: 16, UInt64.self)
        storeID = StoreID(
            low: bytes.number(at: 24, UInt64.self), high: bytes.number(at: 32, UInt64.self))
        firstSequence = bytes.number(at: 40, UInt64.self)
        capacity = bytes.number(at: 48, UInt32.self)
    }

    private static func number(of magic: StaticString) -> UInt64 {
        var number: UInt64 = 0
        for index in (0..<min(8, magic.utf8CodeUnitCount)).reversed() {
            number = number << 8 | UInt64(magic.utf8Start[index])
        }
        return number
    }
}

/// The 16 random bytes that tell stores apart, so that no file of one is read as another's.
package struct StoreID: Sendable, Hashable, CustomStringConvertible {
    /// Bytes 0 to 7, little-endian.
    package var low: UInt64
    /// Bytes 8 to 15, little-endian.
    package var high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    package init(random: any RandomSource) {
        self.init(low: random.next(), high: random.next())
    }

    /// What `description` says; `nil` for anything else.
    package init?(digits: some StringProtocol) {
        guard digits.utf8.count == 32, let low = UInt64(digits.prefix(16), radix: 16),
            let high = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(low: low.byteSwapped, high: high.byteSwapped)
    }

    /// 32 hexadecimal digits, in file order.
    package var description: String {
        [low.byteSwapped, high.byteSwapped].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian number at `offset`, which need not be aligned.
    @inline(__always)
    package func number<Number: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, _ type: Number.Type
    ) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
