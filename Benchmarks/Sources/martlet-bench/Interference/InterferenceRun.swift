import Foundation
import Histogram
import MartletCompaction
import MartletHarness
import Synchronization

/// Makes a backlog, or measures readers and writers while one is compacted, in this process.
struct InterferenceRun {
    let task: InterferenceTask

    func run() async throws -> InterferenceResult {
        var result = InterferenceResult(compactor: task.compactor)
        let settings = EngineSettings(
            directory: task.directory, synced: false, prefixLength: nil,
            cacheBytes: task.cacheBytes, compacts: false)
        let engine = try task.compactor.engine.open(settings)
        if task.builds {
            try build(engine)
            try engine.close()
            return result
        }
        let daemon = try await attach(to: engine)
        try measure(engine, &result)
        if let daemon {
            result.status = try daemon.status()
            await daemon.stop()
        }
        var digest = Digest()
        try engine.session().scanAll(into: &digest)
        result.rows = digest.rows
        try engine.close()
        return result
    }

    private func build(_ engine: any StorageEngine) throws {
        let source = KeyValueSource(seed: task.seed, keys: task.keys)
        var random = RandomSource(seed: task.seed, stream: 0xF111)
        let session = engine.session()
        for _ in 0..<task.keys { try session.put(source.row(&random)) }
    }

    private func attach(to engine: any StorageEngine) async throws -> AttachedDaemon? {
        guard task.compactor == .daemon, let martlet = engine as? MartletEngine else {
            return nil
        }
        let server = try await CompactionServer(
            martlet.store, path: task.directory + "/compaction.sock", build: "bench")
        return try AttachedDaemon(server, program: task.martlet, data: task.directory)
    }

    /// One thread reads as fast as it can, one puts at a fixed rate, while the backlog is merged.
    private func measure(
        _ engine: any StorageEngine, _ result: inout InterferenceResult
    ) throws {
        let start = monotonicNanoseconds()
        let end = Ending(at: start + UInt64(task.seconds * 1e9))
        let task = task
        let merge = Concurrent<UInt64> {
            defer { end.come() }
            try engine.compactAll()
            return monotonicNanoseconds()
        }
        let writer = Concurrent { try Self.put(engine, task, until: end) }
        let source = KeyValueSource(seed: task.seed, keys: task.keys)
        var random = RandomSource(seed: task.seed, stream: 0x4EAD)
        let session = engine.session()
        var histogram = Latency.histogram()
        var digest = Digest()
        while true {
            let before = monotonicNanoseconds()
            if end.isOver(before) { break }
            _ = try session.get(source.key(&random), into: &digest)
            histogram.record(monotonicNanoseconds() &- before)
            result.reads += 1
        }
        result.seconds = Double(monotonicNanoseconds() - start) / 1e9
        let puts = try writer.result()
        result.mergedSeconds = Double(try merge.result() - start) / 1e9
        result.readLatency = Latency(histogram)
        result.writeLatency = Latency(puts.histogram)
        result.writes = puts.count
        result.stallSeconds = puts.stallSeconds
    }

    private struct Puts: Sendable {
        var histogram = Latency.histogram()
        var count: UInt64 = 0
        var stallSeconds = 0.0
    }

    private static func put(
        _ engine: any StorageEngine, _ task: InterferenceTask, until end: Ending
    ) throws -> Puts {
        let source = KeyValueSource(seed: task.seed, keys: task.keys)
        var random = RandomSource(seed: task.seed, stream: 0x9075)
        let session = engine.session()
        let interval = 1_000_000_000 / UInt64(max(task.putsPerSecond, 1))
        var puts = Puts()
        var due = monotonicNanoseconds()
        while !end.isOver(due) {
            Deadline(nanoseconds: due).pass()
            let row = source.row(&random)
            let before = monotonicNanoseconds()
            try session.put(row)
            let after = monotonicNanoseconds()
            puts.histogram.record(after &- min(due, before))
            let took = Double(after &- before) / 1e9
            if took > 0.01 { puts.stallSeconds += took - 0.01 }
            puts.count += 1
            due += interval
        }
        return puts
    }
}

/// When what is measured ends: with the merge, or at a moment.
private final class Ending: Sendable {
    private let moment: UInt64
    private let hasCome = Atomic(false)

    init(at moment: UInt64) { self.moment = moment }

    func come() { hasCome.store(true, ordering: .relaxed) }

    @inline(__always)
    func isOver(_ now: UInt64) -> Bool { now >= moment || hasCome.load(ordering: .relaxed) }
}

/// Work on a thread of its own, and its result.
private final class Concurrent<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let finished = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread { [self] in
            let result = Result { try work() }
            outcome.withLock { $0 = result }
            finished.signal()
        }
    }

    /// Waits for it; once.
    func result() throws -> Value {
        finished.wait()
        guard let result = outcome.withLock({ $0 }) else {
            throw BenchError("a thread ended without a result")
        }
        return try result.get()
    }
}

/// A daemon on the last core.
private final class AttachedDaemon {
    private let server: CompactionServer
    private let process = Process()
    private let program: String
    private let data: String

    init(_ server: CompactionServer, program: String, data: String) throws {
        self.server = server
        self.program = program
        self.data = data
        let last = sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1
        process.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
        process.arguments = [
            "-c", String(last), program, "compactd", "--data", data, "--nice", "0",
            "--set", "log.level=error",
        ]
        try process.run()
        // Nothing is merged before: the first merge takes all that there is.
        let isThere = try waitUntil(.after(seconds: 60), everyMilliseconds: 50) {
            try status().contains("\"workers\":1")
        }
        guard isThere else { throw BenchError("no daemon came") }
    }

    func status() throws -> String {
        let question = Process()
        let pipe = Pipe()
        question.executableURL = URL(fileURLWithPath: program)
        question.arguments = ["compactd", "status", "--data", data, "--json"]
        question.standardOutput = pipe
        try question.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        question.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() async {
        process.terminate()
        process.waitUntilExit()
        await server.close()
    }
}
