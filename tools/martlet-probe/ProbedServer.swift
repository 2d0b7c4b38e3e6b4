import Glibc
import MartletHarness

/// `martlet serve` on one data directory, started and killed again and again.
final class ProbedServer {
    private let program: String
    let directory: String
    private(set) var endpoint = Endpoint(host: Endpoint.loopback, port: 0)
    private var process: ChildProcess?

    init(program: String, directory: String) {
        self.program = program
        self.directory = directory
    }

    var data: String { directory + "/data" }
    var log: String { directory + "/log" }

    func start() throws {
        endpoint.port = try Descriptor.freePort()
        process = try ChildProcess(
            [program, "serve", "--data", data, "--port", String(endpoint.port)], log: log)
    }

    /// The exit code of a server that ended by itself, as it does when its port was taken.
    func poll() -> Int32? { process?.poll() }

    /// Ends the process with no chance to do anything more.
    func kill() {
        process?.send(SIGKILL)
        _ = process?.wait()
        process = nil
    }

    /// Asks the process to stop; its exit code.
    func stop() -> Int32 {
        process?.send(SIGTERM)
        return process?.wait() ?? 0
    }

    /// Runs `martlet verify`; its exit code.
    func verify() throws -> Int32 {
        try ChildProcess([program, "verify", "--data", data], log: log).wait()
    }
}

/// Nanoseconds since some start.
func monotonicNow() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func milliseconds(_ count: UInt64) -> UInt64 { count * 1_000_000 }
