import Glibc
import MartletFuzzing
import MartletSimulation
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("The daemon's limits hold") struct DaemonLimitTests {
    /// A server that has endless work, and gives what fits in the memory that a claim names.
    private struct Server {
        var random: SeededGenerator
        var nextJob: UInt64 = 1
        /// Claims that wait for a job, by the memory they name.
        var claims: [UInt64] = []
        /// Memory of jobs that run, by job.
        var running: [UInt64: UInt64] = [:]

        mutating func take(_ actions: [DaemonMachine.Action]) {
            for action in actions {
                // A new one takes the place of one that waits.
                if case .send(.claim(let memory)) = action { claims = [memory] }
            }
        }

        mutating func offer() -> JobBoard.Offer? {
            var offer = CompactionSamples.offer
            offer.job.id = nextJob
            offer.token = nextJob + 1_000
            offer.job.fileSize = 0
            var table = CompactionSamples.table(4, level: 0)
            table.size = 0
            offer.job.inputs = [[table]]
            // What a job without a byte takes, and whatever more the claim allows.
            let least = offer.job.estimatedMemory
            guard let memory = claims.first, memory >= least else { return nil }
            claims.removeFirst()
            table.size = 16 * UInt64.random(in: 0...(memory - least) / 2, using: &random)
            offer.job.inputs = [[table]]
            nextJob += 1
            running[offer.job.id] = offer.job.estimatedMemory
            return offer
        }
    }

    @Test("of jobs at once and of memory, whatever the order of claims and ends", arguments: 0..<40)
    func jobsAndMemory(_ seed: UInt64) {
        var server = Server(random: SeededGenerator(seed: seed))
        var hello = CompactionSamples.hello
        hello.workers = UInt16(1 + seed % 5)
        hello.memory = 1 << (24 + seed % 4)
        var machine = DaemonMachine(hello)
        _ = machine.tick(now: 0, bytes: [:])
        _ = machine.connected()
        server.take(machine.received(.welcome(lease: 10_000, build: ""), now: 0))
        var most = 0
        for now in 1..<400 as Range<UInt64> {
            if Bool.random(using: &server.random), let offer = server.offer() {
                let actions = machine.received(.job(offer), now: now)
                #expect(actions.contains(.start(offer)))
                server.take(actions)
            } else if let job = server.running.keys.sorted().randomElement(using: &server.random) {
                server.running[job] = nil
                let ends: [DaemonMachine.Outcome] = [.written, .failed("io"), .cancelled]
                let end = ends.randomElement(using: &server.random) ?? .written
                server.take(machine.jobEnded(job, token: job + 1_000, end, now: now))
            }
            most = max(most, server.running.count)
            #expect(server.running.count <= Int(hello.workers), "seed \(seed) at \(now)")
            #expect(server.running.values.reduce(0, +) <= hello.memory, "seed \(seed) at \(now)")
        }
        #expect(most > 0 && server.nextJob > 20, "seed \(seed)")
    }

    @Test("of bytes a second, for all threads together, at whatever sizes", arguments: 0..<20)
    func bytesPerSecond(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let clock = SimulatedClock()
        let perSecond = UInt64.random(in: 1_000...1_000_000_000, using: &random)
        let allowance = ByteAllowance(perSecond: perSecond, clock: clock)
        let largest = Int(perSecond / 8)
        var moved: UInt64 = 0
        var time: UInt64 = 0
        // Four threads: when each may go on, in microseconds.
        var free: [UInt64] = [0, 0, 0, 0]
        for _ in 0..<2_000 {
            let thread = free.indices.min { free[$0] < free[$1] } ?? 0
            if free[thread] > time {
                clock.advance(microseconds: free[thread] - time)
                time = free[thread]
            }
            let bytes = Int.random(in: 1...max(1, largest), using: &random)
            moved += UInt64(bytes)
            free[thread] = time + allowance.take(bytes)
            // A quarter of a second in advance, and what each thread is over by.
            let allowed = Double(time) / 1e6 * Double(perSecond) + Double(perSecond) / 4
            let over = Double(free.count * max(1, largest)) + Double(perSecond) / 1e6
            #expect(Double(moved) <= allowed + over + 1, "seed \(seed) at \(time)")
        }
        // And it is no slower than it has to be.
        let least = Double(time) / 1e6 * Double(perSecond)
        #expect(Double(moved) >= 0.9 * least, "seed \(seed): \(moved) of \(least)")
    }

    @Test("of bytes count every read and every write of a job's files")
    func counted() throws {
        let simulation = Simulation(seed: 1)
        // A clock that stands still: what was taken stays taken.
        let allowance = ByteAllowance(perSecond: 1 << 20, clock: simulation.clock)
        let control = ClaimControl()
        let system = PacedFileSystem(simulation.disk, allowance: allowance, control: control)
        let half = [UInt8](repeating: 7, count: 128 << 10)
        let file = try system.open("/file", .create)
        try half.withBytes { (bytes) throws(StoreError) in try file.write(bytes, at: 0) }
        #expect(control.bytes == 128 << 10 && allowance.take(0) == 0)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 129 << 10, alignment: 8)
        defer { buffer.deallocate() }
        _ = try system.open("/file", .read).read(into: buffer, at: 0)
        // One KiB more than a quarter of a MiB.
        #expect(control.bytes == 257 << 10 && allowance.take(0) == 976)
        let all = ByteAllowance(perSecond: nil, clock: simulation.clock)
        #expect(all.take(1 << 40) == 0 && all.take(0) == 0)
        control.cancel()
        #expect(throws: StoreError.self) { try system.open("/file", .read) }
    }

    @Test("of priority is the job's thread's alone, and never below what was asked for")
    func priority() throws {
        let who = __priority_which_t(PRIO_PROCESS.rawValue)
        let before = getpriority(who, 0)
        let asked = min(before + 3, 19)
        let found = Awaited()
        Environment.system.background.spawn("nice-test") {
            ThreadPriority.lower(to: asked)
            found.set(getpriority(who, 0))
        }
        #expect(found.wait() == asked)
        #expect(getpriority(who, 0) == before)
        let other = Awaited()
        Environment.system.background.spawn("nice-test") {
            ThreadPriority.lower(to: 0)
            other.set(getpriority(who, 0))
        }
        #expect(other.wait() == before)
    }
}

/// A number that a thread of a test gives.
///
/// `@unchecked Sendable`: `value` is touched under `monitor` only.
private final class Awaited: @unchecked Sendable {
    private let monitor = Monitor()
    private var value: CInt?

    func set(_ value: CInt) {
        monitor.withLock {
            self.value = value
            monitor.broadcast()
        }
    }

    func wait() -> CInt {
        monitor.withLock {
            while true {
                if let value { return value }
                monitor.wait()
            }
        }
    }
}
