import Glibc

/// A process that a test started and that does not outlive it.
package final class ChildProcess {
    package let id: Int32
    private var status: Int32?

    /// Starts `arguments[0]` with both outputs appended to the file at `log`.
    package init(_ arguments: [String], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, arguments[0], &actions, nil, &argv, environ)
        if code != 0 {
            throw HarnessError("cannot start \(arguments[0]): \(String(cString: strerror(code)))")
        }
        id = started
    }

    deinit {
        if status == nil {
            kill(id, SIGKILL)
            _ = wait()
        }
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

    /// As `wait`, but nil while the process still runs.
    package func poll() -> Int32? {
        if let status { return status }
        var raw: Int32 = 0
        return waitpid(id, &raw, WNOHANG) == id ? record(raw) : nil
    }

    private func record(_ raw: Int32) -> Int32 {
        let code = raw & 0x7f == 0 ? (raw >> 8) & 0xff : -(raw & 0x7f)
        status = code
        return code
    }
}
