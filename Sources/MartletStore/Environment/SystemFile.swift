import CMartlet
import Glibc
import Synchronization

/// A file of the operating system. `close` must not run beside another call on the same file: the
/// descriptor's number could be taken by another file in between.
final class SystemFile: File {
    let path: String
    private let descriptor: Atomic<CInt>

    /// Takes over `descriptor`.
    init(path: String, descriptor: CInt) {
        self.path = path
        self.descriptor = Atomic(descriptor)
    }

    deinit { close() }

    private func open() throws(StoreError) -> CInt {
        let number = descriptor.load(ordering: .relaxed)
        guard number >= 0 else { throw StoreError(.closed, "the file is closed", path: path) }
        return number
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StoreError) -> Int {
        let number = try open()
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = pread(number, base + done, buffer.count - done, off_t(offset) + done)
            if count > 0 {
                done += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw .system("read", errno: errno, path: path)
            }
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        let number = try open()
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(number, base + done, bytes.count - done, off_t(offset) + done)
            if count > 0 {
                done += count
            } else if count == 0 {
                throw StoreError(.io, "cannot write: the system wrote nothing", path: path)
            } else if errno != EINTR {
                throw .system("write", errno: errno, path: path)
            }
        }
    }

    /// Never repeated after a failure, not even EINTR: after a failed sync the kernel may have
    /// dropped the pages, and a second call would say that all is well.
    func sync() throws(StoreError) {
        let number = try open()
        guard fdatasync(number) == 0 else { throw .system("sync", errno: errno, path: path) }
    }

    func size() throws(StoreError) -> UInt64 {
        let number = try open()
        var status = stat()
        guard fstat(number, &status) == 0 else {
            throw .system("read the size", errno: errno, path: path)
        }
        return UInt64(status.st_size)
    }

    func allocate(_ size: UInt64) throws(StoreError) {
        let number = try open()
        guard size > 0 else { return }
        var result = martlet_allocate(number, Int64(size))
        while result == -EINTR { result = martlet_allocate(number, Int64(size)) }
        if result == -EOPNOTSUPP {
            // A file system without reservations: the file grows, the room is not promised.
            if try self.size() < size { try truncate(to: size) }
        } else if result != 0 {
            throw .system("reserve \(size) bytes", errno: -result, path: path)
        }
    }

    func truncate(to size: UInt64) throws(StoreError) {
        let number = try open()
        while ftruncate(number, off_t(size)) != 0 {
            guard errno == EINTR else { throw .system("truncate", errno: errno, path: path) }
        }
    }

    func dropPageCache() {
        let number = descriptor.load(ordering: .relaxed)
        if number >= 0 { _ = martlet_drop_page_cache(number) }
    }

    func close() {
        let number = descriptor.exchange(-1, ordering: .relaxed)
        if number >= 0 { _ = Glibc.close(number) }
    }
}
