import Glibc

/// A file that processes append to, watched for what comes.
final class ProcessLog {
    enum Event {
        /// Something was written, or may have been.
        case written
        /// The descriptor that was given has come to its end.
        case ended
        case late
    }

    private let path: String
    /// Where it began to be of interest.
    private let start: Int
    private let watch: Int32

    /// The file must be there. What is in it now belongs to others.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    init(_ path: String, from start: Int) throws {
        self.path = path
        self.start = start
        watch = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard watch >= 0, inotify_add_watch(watch, path, UInt32(IN_MODIFY)) >= 0 else {
            throw HarnessError("cannot watch \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(watch) }

    /// What has been written since the start.
    var text: String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(file, &buffer, buffer.count, start + bytes.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer.prefix(count)
        }
    }

    /// Waits for one of the events.
    func next(until deadline: Deadline, ending: Int32) -> Event {
        var watched = [
            pollfd(fd: watch, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ending, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&watched, nfds_t(watched.count), deadline.milliseconds)
        if count == 0 { return .late }
        if count < 0 { return .written }
        if watched[1].revents != 0 { return .ended }
        var events = [UInt8](repeating: 0, count: 4_096)
        while read(watch, &events, events.count) > 0 {}
        return .written
    }
}
