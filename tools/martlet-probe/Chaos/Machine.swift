import Glibc
import MartletHarness

/// What runs on a machine.
enum Part: String, CaseIterable {
    case server
    case shipper
    case daemon
    case follower

    static let ofPrimary: Set<Part> = [.server, .shipper, .daemon]
}

/// A machine of the fleet: a data directory, two addresses, and the processes on it.
final class Machine {
    /// Also of its certificate and its network namespace.
    let name: String
    let chat: Endpoint
    let ship: Endpoint
    let data: String
    /// What is to run: it is started again when it ends.
    private(set) var wanted: Set<Part> = []
    private var processes: [Part: ChildProcess] = [:]
    private var startAt: [Part: UInt64] = [:]

    init(_ name: String, chat: Endpoint, ship: Endpoint, data: String) {
        self.name = name
        self.chat = chat
        self.ship = ship
        self.data = data
    }

    func isRunning(_ part: Part) -> Bool { processes[part] != nil }

    func want(_ parts: Set<Part>) {
        wanted.formUnion(parts)
        for part in parts { startAt[part] = 0 }
    }

    /// Sends SIGKILL; what is wanted is started again after `later` milliseconds.
    func kill(_ part: Part, again later: UInt64 = 0) {
        processes[part]?.send(SIGKILL)
        _ = processes[part]?.wait()
        processes[part] = nil
        startAt[part] = monotonicNow() + milliseconds(later)
    }

    /// The machine is switched off: nothing runs, and nothing is started.
    func killAll() {
        wanted = []
        for part in Part.allCases { kill(part) }
    }

    func pauseAll(_ isPaused: Bool) {
        for part in Part.allCases { send(isPaused ? SIGSTOP : SIGCONT, to: part) }
    }

    func send(_ signal: Int32, to part: Part) { processes[part]?.send(signal) }

    /// Another process ends this part, and it is not to be started again.
    func release(_ part: Part) { wanted.remove(part) }

    /// Asks a part to stop, and not to be started again.
    ///
    /// - Returns: what ends with an exit code, to be waited for; `nil` where nothing runs.
    func stop(_ part: Part) -> ChildProcess? {
        wanted.remove(part)
        let process = processes.removeValue(forKey: part)
        process?.send(SIGTERM)
        return process
    }

    /// Notices what has ended by itself, and starts what is wanted and due.
    ///
    /// - Returns: what has ended, with its exit code, which is negative for a signal.
    func supervise(
        _ now: UInt64, start: (Machine, Part) throws -> ChildProcess
    ) rethrows -> [(part: Part, code: Int32)] {
        var ended: [(part: Part, code: Int32)] = []
        for (part, process) in processes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let code = process.poll() else { continue }
            processes[part] = nil
            startAt[part] = now + milliseconds(300)
            if wanted.contains(part) { ended.append((part, code)) }
        }
        for part in Part.allCases
        where wanted.contains(part) && processes[part] == nil && startAt[part] ?? 0 <= now {
            processes[part] = try start(self, part)
        }
        return ended
    }
}
