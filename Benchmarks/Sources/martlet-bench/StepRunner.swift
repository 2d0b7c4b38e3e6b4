import Foundation
import Histogram
import Synchronization

/// Does one assignment in this process and measures it.
struct StepRunner {
    private let assignment: Assignment
    private let sizes: Sizes
    private let seed: UInt64

    init(_ assignment: Assignment) {
        self.assignment = assignment
        sizes = assignment.sizes
        seed = assignment.sizes.seed &+ UInt64(assignment.repetition)
    }

    /// What a foreground loop did.
    struct Outcome {
        var operations: UInt64 = 0
        var userBytes: UInt64 = 0
        var histogram: Histogram<UInt64>?
        var digest = Digest()
    }

    /// Opens the store, runs the loop, settles, closes.
    func run() throws -> StepResult {
        let loop = try prepare()
        let baseline = ProcessProbe.residentBytes().now
        let engine = try assignment.engine.open(settings)
        var result = StepResult(
            engine: assignment.engine, step: assignment.step, repetition: assignment.repetition)
        result.baselineBytes = baseline
        let start = ProcessProbe.now()
        let outcome = try loop(engine)
        let stop = monotonicNanoseconds()
        if outcome.userBytes > 0 { try engine.settle() }
        let end = ProcessProbe.now()
        result.peakBytes = ProcessProbe.residentBytes().peak
        result.operations = outcome.operations
        result.userBytes = outcome.userBytes
        result.latency = outcome.histogram.map { Latency($0) }
        result.seconds = Double(stop - start.nanoseconds) / 1e9
        result.settleSeconds = Double(end.nanoseconds - stop) / 1e9
        result.cpuSeconds = end.cpuSeconds - start.cpuSeconds
        result.writtenBytes = end.writtenBytes - min(start.writtenBytes, end.writtenBytes)
        result.otherCPU = end.others(since: start)
        result.digest = try check(outcome, in: engine)
        try engine.close()
        (result.diskBytes, result.logBytes) = diskUse(of: assignment.directory)
        return result
    }

    private var settings: EngineSettings {
        EngineSettings(
            directory: assignment.directory, synced: assignment.step.synced,
            prefixLength: assignment.step.workload.isChat ? 16 : nil,
            cacheBytes: sizes.cacheBytes)
    }

    /// Reads everything back after a write (outside of the measures) and counts the rows.
    private func check(_ outcome: Outcome, in engine: any StorageEngine) throws -> Digest {
        guard outcome.userBytes > 0 else { return outcome.digest }
        var all = Digest()
        try engine.session().scanAll(into: &all)
        let expected = outcome.operations * 2
        if assignment.step.workload == .chatAppend, all.rows != expected {
            throw BenchError(
                "\(assignment.engine.rawValue) holds \(all.rows) rows, \(expected) were written")
        }
        return all
    }

    /// Makes the data sources before memory and time count, and gives the loop to be measured.
    private func prepare() throws -> (any StorageEngine) throws -> Outcome {
        switch assignment.step.workload {
        case .chatAppend:
            let text = try sizes.corpus.map { try ChatText(corpus: $0) } ?? ChatText(seed: seed)
            let population = ChatPopulation(count: sizes.users)
            return { try append(to: $0, population, text) }
        case .chatRecent:
            let population = ChatPopulation(count: sizes.users)
            return { try readRecent($0, population) }
        case .fillRandom:
            let values = KeyValueSource(seed: seed, keys: sizes.keys)
            return { try fill($0, values) }
        case .readRandom:
            let values = KeyValueSource(seed: seed, keys: sizes.keys)
            return { try readRandom($0, values) }
        case .scan:
            return { engine in
                var outcome = Outcome()
                try engine.session().scanAll(into: &outcome.digest)
                outcome.operations = outcome.digest.rows
                return outcome
            }
        }
    }

    // MARK: chat

    private func append(
        to engine: any StorageEngine, _ population: ChatPopulation, _ text: ChatText
    ) throws -> Outcome {
        let step = assignment.step
        let seconds = step.synced ? sizes.syncedSeconds : nil
        let deadline = seconds.map { monotonicNanoseconds() + UInt64($0 * 1e9) } ?? .max
        let limit = seconds == nil ? UInt64(sizes.messages / step.writers) : .max
        return try Self.append(
            to: engine, population, text, seed: seed, writers: step.writers, limit: limit,
            deadline: deadline)
    }

    /// Each writer appends messages of its own until the limit or the deadline.
    static func append(
        to engine: any StorageEngine, _ population: ChatPopulation, _ text: ChatText,
        seed: UInt64, writers: Int, limit: UInt64, deadline: UInt64
    ) throws -> Outcome {
        let generators = (0..<writers).map { writer in
            ChatGenerator(
                population: population, text: text, seed: seed, stream: UInt64(writer + 1))
        }
        if writers == 1 {
            return try write(
                engine.session(), generators[0], writer: 0, of: 1, limit: limit, deadline: deadline)
        }
        let outcomes = Results()
        let group = DispatchGroup()
        for (writer, generator) in generators.enumerated() {
            group.enter()
            Thread.detachNewThread {
                outcomes.add(
                    Result {
                        try write(
                            engine.session(), generator, writer: writer, of: writers,
                            limit: limit, deadline: deadline)
                    })
                group.leave()
            }
        }
        group.wait()
        return try outcomes.merged()
    }

    private static func write(
        _ session: any EngineSession, _ source: ChatGenerator, writer: Int, of writers: Int,
        limit: UInt64, deadline: UInt64
    ) throws -> Outcome {
        var generator = source
        var outcome = Outcome()
        var histogram = Latency.histogram()
        let message = ChatMessage()
        var now: UInt64 = 0
        while outcome.operations < limit, now < deadline {
            let number = outcome.operations &* UInt64(writers) &+ UInt64(writer)
            generator.message(number: number, into: message)
            let before = monotonicNanoseconds()
            try session.append(message.sent, message.received)
            now = monotonicNanoseconds()
            histogram.record(now &- before)
            outcome.operations &+= 1
            outcome.userBytes &+= UInt64(2 * (24 + message.sent.value.count))
        }
        outcome.histogram = histogram
        return outcome
    }

    private func readRecent(
        _ engine: any StorageEngine, _ population: ChatPopulation
    ) throws -> Outcome {
        var random = RandomSource(seed: seed, stream: 0xBEAD)
        let session = engine.session()
        var outcome = Outcome()
        var histogram = Latency.histogram()
        let prefix = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
        defer { prefix.deallocate() }
        for _ in 0..<sizes.recentReads {
            let (user, partner) = population.draw(&random)
            prefix.storeBytes(of: user.bigEndian, toByteOffset: 0, as: UInt64.self)
            prefix.storeBytes(of: partner.bigEndian, toByteOffset: 8, as: UInt64.self)
            let before = monotonicNanoseconds()
            try session.lastRows(
                of: UnsafeRawBufferPointer(prefix), limit: 15, into: &outcome.digest)
            histogram.record(monotonicNanoseconds() &- before)
            outcome.operations &+= 1
        }
        outcome.histogram = histogram
        return outcome
    }

    // MARK: key and value

    private func fill(_ engine: any StorageEngine, _ source: KeyValueSource) throws -> Outcome {
        var random = RandomSource(seed: seed, stream: 0xF111)
        let session = engine.session()
        var outcome = Outcome()
        var histogram = Latency.histogram()
        for _ in 0..<sizes.keys {
            let row = source.row(&random)
            let before = monotonicNanoseconds()
            try session.put(row)
            histogram.record(monotonicNanoseconds() &- before)
            outcome.operations &+= 1
            outcome.userBytes &+= UInt64(row.key.count + row.value.count)
        }
        outcome.histogram = histogram
        return outcome
    }

    private func readRandom(
        _ engine: any StorageEngine, _ source: KeyValueSource
    ) throws -> Outcome {
        var random = RandomSource(seed: seed, stream: 0x4EAD)
        let session = engine.session()
        var outcome = Outcome()
        var histogram = Latency.histogram()
        for _ in 0..<sizes.pointReads {
            let key = source.key(&random)
            let before = monotonicNanoseconds()
            _ = try session.get(key, into: &outcome.digest)
            histogram.record(monotonicNanoseconds() &- before)
            outcome.operations &+= 1
        }
        outcome.histogram = histogram
        return outcome
    }

    /// The outcomes of several writer threads.
    private final class Results: Sendable {
        private let outcomes = Mutex<[Result<Outcome, any Error>]>([])

        func add(_ outcome: Result<Outcome, any Error>) { outcomes.withLock { $0.append(outcome) } }

        func merged() throws -> Outcome {
            var sum = Outcome()
            var histogram = Latency.histogram()
            for result in outcomes.withLock({ $0 }) {
                let outcome = try result.get()
                sum.operations += outcome.operations
                sum.userBytes += outcome.userBytes
                if let part = outcome.histogram { histogram.add(part) }
            }
            sum.histogram = histogram
            return sum
        }
    }
}
