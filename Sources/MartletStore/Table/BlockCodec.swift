import CLZ4
import CZstd

/// Compresses the blocks of one writer; its contexts are used again for every block.
struct BlockCompressor: ~Copyable {
    private let compression: Compression
    private var lz4: UnsafeMutableRawPointer?
    private var zstd: OpaquePointer?

    init(_ compression: Compression) {
        self.compression = compression
        switch compression {
        case .none: break
        case .lz4:
            lz4 = .allocate(byteCount: Int(LZ4_sizeofState()), alignment: 16)
        case .zstd:
            zstd = ZSTD_createCCtx()
        }
    }

    deinit {
        lz4?.deallocate()
        ZSTD_freeCCtx(zstd)
    }

    /// Writes `content` into `target`, compressed if that saves at least an eighth, and the
    /// trailer. `target` has room for the content and a trailer.
    /// - Returns: the payload's stored bytes, without the trailer.
    mutating func store(
        _ content: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, table: UInt64,
        offset: UInt64
    ) -> Int {
        var codec = Compression.none
        var stored = compress(content, into: target)
        if stored > 0 {
            codec = compression
        } else {
            stored = content.count
            if let source = content.baseAddress {
                target.copyMemory(from: source, byteCount: stored)
            }
        }
        target.storeBytes(of: codec.rawValue, toByteOffset: stored, as: UInt8.self)
        TableCoding.put(u32: UInt32(content.count), target, stored + 1)
        let checked = UnsafeRawBufferPointer(start: target, count: stored + 5)
        let crc = Checksum.crc32c(
            checked, continuing: Checksum.seed(fileID: table, offset: offset))
        TableCoding.put(u32: crc, target, stored + 5)
        return stored
    }

    /// Bytes written, or 0 where it did not save enough.
    private func compress(
        _ content: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer
    ) -> Int {
        let limit = content.count - content.count / 8
        guard content.count >= 64, content.count <= TableFormat.compressedContentMax,
            let source = content.baseAddress
        else { return 0 }
        if let lz4 {
            let written = LZ4_compress_fast_extState(
                lz4, source.assumingMemoryBound(to: CChar.self),
                target.assumingMemoryBound(to: CChar.self), Int32(content.count), Int32(limit), 1)
            return Int(max(0, written))
        }
        if let zstd {
            let written = ZSTD_compressCCtx(zstd, target, limit, source, content.count, 1)
            return ZSTD_isError(written) == 0 ? written : 0
        }
        return 0
    }
}

/// Reads blocks: checks the trailer and undoes the compression.
enum BlockCodec {
    /// What a block's trailer says.
    struct Trailer {
        var codec: UInt8
        var contentCount: UInt32
    }

    /// Checks the checksum of `stored` (payload and trailer), and that the trailer makes sense.
    static func check(
        _ stored: UnsafeRawBufferPointer, table: UInt64, offset: UInt64
    ) -> Result<Trailer, BlockFault> {
        let size = stored.count - TableFormat.trailerSize
        guard size >= 0, let base = stored.baseAddress else { return .failure(.short) }
        let crc = Checksum.crc32c(
            UnsafeRawBufferPointer(rebasing: stored[..<(size + 5)]),
            continuing: Checksum.seed(fileID: table, offset: offset))
        guard crc == TableCoding.u32(base, size + 5) else { return .failure(.checksum) }
        let codec = base.load(fromByteOffset: size, as: UInt8.self)
        let count = TableCoding.u32(base, size + 1)
        switch Compression(rawValue: codec) {
        case nil: return .failure(.codec)
        case .some(.none): if Int(count) != size { return .failure(.length) }
        case .lz4, .zstd:
            if count > TableFormat.compressedContentMax { return .failure(.length) }
        }
        return .success(Trailer(codec: codec, contentCount: count))
    }

    /// Undoes the compression of a checked payload into `target`, which has exactly the content's
    /// size. False if the payload is not what the trailer says.
    static func expand(
        _ payload: UnsafeRawBufferPointer, codec: UInt8, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let source = payload.baseAddress, let to = target.baseAddress else { return false }
        switch Compression(rawValue: codec) {
        case .some(.none):
            guard payload.count == target.count else { return false }
            to.copyMemory(from: source, byteCount: payload.count)
            return true
        case .lz4:
            let written = LZ4_decompress_safe(
                source.assumingMemoryBound(to: CChar.self), to.assumingMemoryBound(to: CChar.self),
                Int32(payload.count), Int32(target.count))
            return Int(written) == target.count
        case .zstd:
            guard let context = ZstdContexts.shared.take() else { return false }
            defer { ZstdContexts.shared.give(context) }
            let written = ZSTD_decompressDCtx(context, to, target.count, source, payload.count)
            return ZSTD_isError(written) == 0 && written == target.count
        case nil:
            return false
        }
    }
}

/// Why a block's bytes were refused.
enum BlockFault: Error {
    case short
    case checksum
    case codec
    case length
    case content

    var message: String {
        switch self {
        case .short: "block reaches beyond the end of the file"
        case .checksum: "block checksum does not match"
        case .codec: "block has an unknown codec"
        case .length: "block length makes no sense"
        case .content: "block content makes no sense"
        }
    }
}

/// Decompression contexts waiting to be used again.
///
/// `@unchecked Sendable`: the list is only touched while `monitor` is locked, and a context belongs
/// to the one caller that took it until it is given back.
private final class ZstdContexts: @unchecked Sendable {
    static let shared = ZstdContexts()
    private static let kept = 16
    private let monitor = Monitor()
    private var waiting: [OpaquePointer] = []

    /// Nil only if there is no memory for one.
    func take() -> OpaquePointer? {
        monitor.withLock { waiting.popLast() } ?? ZSTD_createDCtx()
    }

    func give(_ context: OpaquePointer) {
        let isKept = monitor.withLock {
            guard waiting.count < ZstdContexts.kept else { return false }
            waiting.append(context)
            return true
        }
        if !isKept { ZSTD_freeDCtx(context) }
    }
}
