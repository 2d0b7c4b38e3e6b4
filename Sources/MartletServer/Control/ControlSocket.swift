import Glibc

/// The Unix domain socket that only the server's own user may open.
enum ControlSocket {
    /// Bytes of a path that the kernel takes.
    static let pathMax = 107

    /// Binds a listening-to-be socket at `path`, mode 0600 from its first moment on. What a dead
    /// server left there is removed: the caller holds the store's lock, so no other is alive.
    ///
    /// - Returns: the descriptor, which the caller owns.
    static func bind(_ path: String) throws(ControlSocketError) -> CInt {
        var address = try self.address(path)
        let descriptor = socket(
            AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ControlSocketError("socket", path, errno) }
        unlink(path)
        // The file that bind makes has the socket's own mode: no moment with a wider one.
        var result = fchmod(descriptor, 0o600)
        if result == 0 {
            result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard result == 0 else {
            let number = errno
            close(descriptor)
            throw ControlSocketError("bind", path, number)
        }
        return descriptor
    }

    /// Removes the socket's file.
    static func remove(_ path: String) { unlink(path) }

    static func address(_ path: String) throws(ControlSocketError) -> sockaddr_un {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= pathMax, !bytes.contains(0) else {
            throw ControlSocketError("name", path, ENAMETOOLONG)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }
}

/// The control socket cannot be had.
package struct ControlSocketError: Error, CustomStringConvertible {
    /// What failed.
    package var operation: String
    package var path: String
    package var number: CInt

    init(_ operation: String, _ path: String, _ number: CInt) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// Whether nobody listens: there is no file, or its server is dead.
    package var isNobodyThere: Bool { number == ENOENT || number == ECONNREFUSED }

    package var description: String {
        "control socket \(path): cannot \(operation): \(String(cString: strerror(number)))"
    }
}
