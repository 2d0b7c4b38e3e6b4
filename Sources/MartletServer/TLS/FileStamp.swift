import Glibc

/// What changes about a file when somebody replaces it.
struct FileStamp: Equatable, Sendable {
    private var device: UInt64
    private var file: UInt64
    private var size: Int
    private var seconds: Int
    private var nanoseconds: Int

    /// Nil if there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        file = UInt64(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
