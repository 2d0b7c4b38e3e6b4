import Glibc
package import MartletStore

/// Asks a running server for the status of its compactions. Blocks.
package enum StatusQuestion {
    /// - Parameter seconds: how long the server may be silent.
    /// - Throws: `CompactionSocketError` (`isNobodyThere` where no server listens),
    ///   `CompactionDaemon.Refused`, `FrameError`.
    package static func ask(
        _ path: String, store: StoreID, build: String, seconds: Int = 5
    ) throws -> CompactionStatus {
        let descriptor = try CompactionSocket.connect(path)
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let hello = Hello(store: store, workers: 0, memory: 0, name: "status", build: build)
        let question = DaemonFrame.hello(hello).encoded + DaemonFrame.status.encoded
        try write(question, to: descriptor, path)
        var reader = FrameReader(.ofServer)
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            while let frame = try reader.next() {
                switch try ServerFrame(frame) {
                case .status(let status): return status
                case .refused(let refusal, let text):
                    throw CompactionDaemon.Refused(refusal: refusal, text: text)
                default: continue
                }
            }
            let count = chunk.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = count == 0 ? ECONNRESET : errno
                throw CompactionSocketError(operation: "read", path: path, number: number)
            }
            reader.append(chunk[..<count])
        }
    }

    private static func write(
        _ bytes: [UInt8], to descriptor: CInt, _ path: String
    ) throws(CompactionSocketError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw CompactionSocketError(operation: "write", path: path, number: errno)
            }
            sent += count
        }
    }
}
