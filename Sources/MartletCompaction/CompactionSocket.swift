import Glibc

/// The Unix domain socket between a server and its daemons: only the server's user may open it.
package enum CompactionSocket {
    /// Bytes of a path that the kernel takes.
    static let pathMax = 107

    /// Binds a socket at `path`, mode 0600 from its first moment on. What a dead server left there
    /// is removed: the caller holds the store's lock, so no other is alive.
    ///
    /// - Returns: the descriptor, which the caller owns.
    static func bind(_ path: String) throws(CompactionSocketError) -> CInt {
        var address = try address(path)
        let descriptor = try make(path)
        unlink(path)
        // The file that bind makes has the socket's own mode.
        var result = fchmod(descriptor, 0o600)
        if result == 0 {
            result = withAddress(&address) { Glibc.bind(descriptor, $0, $1) }
        }
        guard result == 0 else {
            let number = errno
            close(descriptor)
            throw CompactionSocketError(operation: "bind", path: path, number: number)
        }
        return descriptor
    }

    /// Connects. Blocks no longer than the kernel needs.
    static func connect(_ path: String) throws(CompactionSocketError) -> CInt {
        var address = try address(path)
        let descriptor = try make(path)
        guard withAddress(&address, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let number = errno
            close(descriptor)
            throw CompactionSocketError(operation: "connect", path: path, number: number)
        }
        return descriptor
    }

    private static func make(_ path: String) throws(CompactionSocketError) -> CInt {
        let descriptor = socket(
            AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        if descriptor >= 0 { return descriptor }
        throw CompactionSocketError(operation: "socket", path: path, number: errno)
    }

    private static func withAddress(
        _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func address(_ path: String) throws(CompactionSocketError) -> sockaddr_un {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= pathMax, !bytes.contains(0) else {
            throw CompactionSocketError(operation: "name", path: path, number: ENAMETOOLONG)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }
}

/// The compaction socket cannot be had, or says what it should not.
package struct CompactionSocketError: Error, CustomStringConvertible {
    /// What failed.
    package var operation: String
    package var path: String
    package var number: CInt

    /// Whether nobody listens: there is no file, or its server is dead.
    package var isNobodyThere: Bool { number == ENOENT || number == ECONNREFUSED }

    package var description: String {
        "compaction socket \(path): cannot \(operation): \(String(cString: strerror(number)))"
    }
}
