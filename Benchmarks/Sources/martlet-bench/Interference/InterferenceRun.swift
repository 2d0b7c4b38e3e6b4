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
            cacheBytes: task.cacheBytes, compacts: !task.builds)
        let start = monotonicNanoseconds()
        let engine = try task.compactor.engine.open(settings)
        if task.builds {
            try build(engine)
            try engine.close()
            return result
        }
        let daemon = try await attach(to: engine)
        try measure(engine, &result)
        try engine.settle()
        result.settledSeconds = Double(monotonicNanoseconds() - start) / 1e9
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

    /// One thread reads as fast as it can, one puts at a fixed rate.
    private func measure(
        _ engine: any StorageEngine, _ result: inout InterferenceResult
    ) throws {
        let end = monotonicNanoseconds() + UInt64(task.seconds * 1e9)
        let written = Outbox()
        let finished = DispatchSemaphore(value: 0)
        let task = task
        let thread = Thread {
            written.set(Result { try Self.put(engine, task, until: end) })
            finished.signal()
        }
        thread.start()
        let source = KeyValueSource(seed: task.seed, keys: task.keys)
        var random = RandomSource(seed: task.seed, stream: 0x4EAD)
        let session = engine.session()
        var histogram = Latency.histogram()
        var digest = Digest()
        while true {
            let before = monotonicNanoseconds()
            if before >= end { break }
            _ = try session.get(source.key(&random), into: &digest)
            histogram.record(monotonicNanoseconds() &- before)
            result.reads += 1
        }
        finished.wait()
        let puts = try written.take()
        result.readLatency = Latency(histogram)
        result.writeLatency = Latency(puts.histogram)
        result.writes = puts.count
        result.stallSeconds = puts.stallSeconds
    }

    private struct Puts {
        var histogram = Latency.histogram()
        var count: UInt64 = 0
        var stallSeconds = 0.0
    }

    private static func put(
        _ engine: any StorageEngine, _ task: InterferenceTask, until end: UInt64
    ) throws -> Puts {
        let source = KeyValueSource(seed: task.seed, keys: task.keys)
        var random = RandomSource(seed: task.seed, stream: 0x9075)
        let session = engine.session()
        let interval = 1_000_000_000 / UInt64(max(task.putsPerSecond, 1))
        var puts = Puts()
        var due = monotonicNanoseconds()
        while due < end {
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

    /// The writer's outcome on its way to the reader's thread.
    private final class Outbox: Sendable {
        private let outcome = Mutex<Result<Puts, any Error>?>(nil)

        func set(_ result: sending Result<Puts, any Error>) {
            outcome.withLock { $0 = result }
        }

        func take() throws -> Puts {
            guard let result = outcome.withLock({ $0 }) else {
                throw BenchError("the writer ended without a result")
            }
            return try result.get()
        }
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
