import Foundation
import MartletReplication
import MartletStore

/// Measures one case, in the primary's process.
struct ReplicationRun {
    let task: ReplicationTask

    func run() async throws -> ReplicationResult {
        let store = task.directory + "/primary"
        let text = ChatText(seed: task.seed)
        let population = ChatPopulation(count: task.users)
        let isReplicated = task.asked.durability == .replicated
        let engine = try MartletEngine(
            EngineSettings(
                directory: store, synced: false, prefixLength: 16, cacheBytes: task.cacheBytes,
                // No follower is to fall out of the log.
                retainedLogBytes: task.asked.followers > 0 ? 64 << 30 : 0),
            durability: task.asked.durability.durability)
        // A server without replication has neither.
        var link: ReplicationLink?
        var cast: ReplicationCast?
        if task.asked.followers > 0 {
            link = try await ReplicationLink(
                engine.store, followers: isReplicated ? 1 : 0, socket: store + "/replication.sock")
            cast = try ReplicationCast(task, store: store)
        }
        defer { cast?.stop() }
        let result = try measure(engine, cast, population, text)
        cast?.stop()
        await link?.stop()
        try engine.close()
        return result
    }

    private func measure(
        _ engine: MartletEngine, _ cast: ReplicationCast?, _ population: ChatPopulation,
        _ text: ChatText
    ) throws -> ReplicationResult {
        var result = ReplicationResult(asked: task.asked)
        let log = engine.store.statistics().logBytesWritten
        let (begin, before) = (ProcessProbe.now(), cast?.probe())
        let outcome = try StepRunner.append(
            to: engine, population, text, seed: task.seed, writers: task.asked.writers,
            limit: .max, deadline: begin.nanoseconds + UInt64(task.seconds * 1e9))
        let end = monotonicNanoseconds()
        try cast?.waitForAll(upTo: engine.store.lastLogged)
        let (last, after) = (ProcessProbe.now(), cast?.probe())
        result.messages = outcome.operations
        result.latency = outcome.histogram.map { Latency($0) }
        result.seconds = Double(end - begin.nanoseconds) / 1e9
        result.behindSeconds = Double(last.nanoseconds - end) / 1e9
        result.logBytes = engine.store.statistics().logBytesWritten - log
        result.primaryCPU = last.cpuSeconds - begin.cpuSeconds
        if let before, let after {
            result.shipperCPU = after.shipperCPU - before.shipperCPU
            result.followerCPU = zip(after.followerCPU, before.followerCPU).map { $0 - $1 }
            result.shippedBytes = after.shippedBytes - before.shippedBytes
        }
        result.otherCPU = last.others(
            since: begin, beside: result.shipperCPU + result.followerCPU.reduce(0, +))
        return result
    }
}
