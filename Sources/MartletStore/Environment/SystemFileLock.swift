import CMartlet
import Glibc

/// A lock on an open file description: the kernel releases it with the descriptor, also when the
/// process is killed, and holds it against other openers of the same process too. The file stays:
/// removing it would let two owners hold locks on two files of one name.
final class SystemFileLock: FileLock {
    private let descriptor: CInt

    /// Takes over `descriptor`, also when it throws.
    init(path: String, descriptor: CInt, owner: String) throws(StoreError) {
        self.descriptor = descriptor
        let result = martlet_lock_file(descriptor)
        guard result == 0 else {
            guard result == -EAGAIN || result == -EACCES else {
                throw .system("lock", errno: -result, path: path)
            }
            let holder = Self.text(of: descriptor)
            throw StoreError(.locked, "the store is open elsewhere: \(holder)", path: path)
        }
        let line = Array((owner + "\n").utf8)
        guard ftruncate(descriptor, 0) == 0,
            line.withUnsafeBytes({ pwrite(descriptor, $0.baseAddress, $0.count, 0) }) == line.count
        else { throw .system("write the owner", errno: errno, path: path) }
    }

    deinit { _ = close(descriptor) }

    private static func text(of descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let line = bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? "by an unnamed process" : String(decoding: line, as: UTF8.self)
    }
}

/// Who holds a store's lock.
package enum LockOwner {
    /// `pid=… host=… since=…` for this process.
    ///
    /// - Parameter time: microseconds since 1970, printed as seconds.
    package static func text(since time: UInt64) -> String {
        var name = [UInt8](repeating: 0, count: 256)
        let result = name.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { gethostname($0, characters.count - 1) } ?? -1
            }
        }
        let host = result == 0 ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "?"
        return "pid=\(getpid()) host=\(host) since=\(time / 1_000_000)"
    }
}
