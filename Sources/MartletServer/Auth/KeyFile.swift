import Glibc

/// A small file that is read again when it changes.
package struct KeyFile: Sendable {
    /// What tells one state of the file from another.
    package struct Stamp: Sendable, Hashable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    /// Bytes of the file, at most.
    static let maxBytes = 1 << 20

    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The state of this moment; `nil` if there is no such file.
    package func stamp() -> Stamp? {
        var status = Glibc.stat()
        guard fstatat(AT_FDCWD, path, &status, 0) == 0 else { return nil }
        return Stamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    /// The whole file. Blocks on the disk.
    package func read() throws(JWTFault) -> [UInt8] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .keyFile }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.maxBytes + 1)
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), room)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .keyFile }
            if got == 0 { break }
            count += got
        }
        guard count <= Self.maxBytes else { throw .keyFile }
        return Array(bytes.prefix(count))
    }
}
