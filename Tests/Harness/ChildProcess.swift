import Glibc

/// A process that a test started and that does not outlive it.
package final class ChildProcess {
    package let id: Int32
    private var status: Int32?
    private let log: String
    /// How long the log was before.
    private let start: Int
    /// A socket whose other end only the process has, and whom it starts: it ends with them.
    private let ending: Int32

    /// Starts `arguments[0]` with both outputs appended to the file at `log`.
    package init(_ arguments: [String], log: String) throws {
        self.log = log
        start = ProcessLog.size(of: log)
        var ends: [Int32] = [-1, -1]
        // No other process that is being started gets them (`pipe2` is not to be had from here).
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw HarnessError("no sockets: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[1]) }
        ending = ends[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Onto itself means: to be kept.
        posix_spawn_file_actions_adddup2(&actions, ends[1], ends[1])
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, arguments[0], &actions, nil, &argv, environ)
        id = started
        if code != 0 {
            status = -1
            throw HarnessError("cannot start \(arguments[0]): \(String(cString: strerror(code)))")
        }
    }

    deinit {
        if status == nil {
            kill(id, SIGKILL)
            _ = wait()
        }
        close(ending)
    }

    /// Sends `signal`, unless the process was waited for already.
    package func send(_ signal: Int32) {
        if status == nil { kill(id, signal) }
    }

    /// Waits for the end; the exit code, or the negated number of the signal that ended it.
    package func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(id, &raw, 0) < 0, errno == EINTR {}
        return record(raw)
    }

    /// As `wait`, but nil if it has not ended by then.
    package func wait(until deadline: Deadline) -> Int32? {
        if let status { return status }
        var watched = pollfd(fd: ending, events: Int16(POLLIN), revents: 0)
        while Glibc.poll(&watched, 1, deadline.milliseconds) < 0, errno == EINTR {}
        return watched.revents == 0 ? poll() : wait()
    }

    /// As `wait`, but nil while the process still runs.
    package func poll() -> Int32? {
        if let status { return status }
        var raw: Int32 = 0
        return waitpid(id, &raw, WNOHANG) == id ? record(raw) : nil
    }

    /// What has been written into its log since it started.
    package var output: String { (try? ProcessLog(log, from: start))?.text ?? "" }

    /// Waits until `text` is in what the process has written.
    ///
    /// - Throws: what it has written, when it ends before, or the deadline is over.
    package func waitForOutput(_ text: String, until deadline: Deadline) throws {
        let log = try ProcessLog(log, from: start)
        while true {
            let said = log.text
            if said.contains(text) { return }
            switch log.next(until: deadline, ending: ending) {
            case .written: continue
            case .ended: throw HarnessError("exit \(wait()), before '\(text)'\n\(log.text)")
            case .late: throw HarnessError("never said '\(text)'\n\(log.text)")
            }
        }
    }

    private func record(_ raw: Int32) -> Int32 {
        let code = raw & 0x7f == 0 ? (raw >> 8) & 0xff : -(raw & 0x7f)
        status = code
        return code
    }
}
