import Glibc

/// Tells systemd how the service is, where it asks for that (sd_notify(3), `Type=notify`).
enum ServiceNotice {
    /// Sends `state`, such as `READY=1`, to the socket that `NOTIFY_SOCKET` names. Nothing where it
    /// names none; a failure is nobody's concern.
    static func send(_ state: String) {
        guard let name = getenv("NOTIFY_SOCKET") else { return }
        var path = Array(String(cString: name).utf8)
        var address = sockaddr_un()
        let size = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.count < size else { return }
        // A name that begins with @ is an abstract one.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        _ = Array(state.utf8).withUnsafeBytes { bytes in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(
                        descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL),
                        $0, length)
                }
            }
        }
    }
}
