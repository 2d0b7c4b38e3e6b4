import CMartlet

/// CRC-32C (Castagnoli): RFC 3720 appendix B.4.
package enum Checksum {
    package static func crc32c(
        _ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0
    ) -> UInt32 {
        martlet_crc32c(crc, bytes.baseAddress, bytes.count)
    }

    /// The start value that binds a checksum to a file's id and a place in it, so that a right
    /// block at a wrong place does not verify.
    package static func seed(fileID: UInt64, offset: UInt64) -> UInt32 {
        var words = (fileID.littleEndian, offset.littleEndian)
        return withUnsafeBytes(of: &words) { crc32c($0) }
    }
}
