package import MartletStore

/// A daemon's side of the protocol: what comes in, what is to be done. No I/O, no clock, no
/// threads: times are monotonic nanoseconds, and a shell performs the actions.
package struct DaemonMachine {
    package enum Action: Sendable, Equatable {
        case connect
        case send(DaemonFrame)
        /// Run the job on a thread; then `tableFinished` for each table, and `jobEnded`.
        case start(JobBoard.Offer)
        /// Nobody wants the result of the claim with this token any more: let go of it soon.
        case cancel(UInt64)
        case disconnect
        /// All is given back; the process may end.
        case stopped
        /// It makes no sense to go on.
        case refused(DaemonRefusal, String)
    }

    package enum Outcome: Sendable, Equatable {
        case written
        case cancelled
        case failed(String)
    }

    private enum Phase: Equatable {
        case away(until: UInt64)
        case connecting
        case greeting
        case ready(lease: UInt64)
        case ended
    }

    private struct Running {
        var token: UInt64
        var memory: UInt64
        var isLost = false
    }

    /// Nanoseconds between the first two tries to connect, and the most there are.
    static let backoffFirst: UInt64 = 100_000_000
    static let backoffLast: UInt64 = 5_000_000_000
    /// With `once`: how long nothing may come before the daemon ends.
    static let idleNanoseconds: UInt64 = 2_000_000_000

    private let hello: Hello
    private let endsWhenIdle: Bool
    private var phase = Phase.away(until: 0)
    private var backoff = DaemonMachine.backoffFirst
    private var running: [UInt64: Running] = [:]
    /// The memory that a claim which waits has named.
    private var claimed: UInt64?
    private var isStopping = false
    private var busyAt: UInt64 = 0
    private var beatAt: UInt64 = 0

    /// - Parameter once: end when the server has had nothing to do for two seconds.
    package init(_ hello: Hello, once: Bool = false) {
        self.hello = hello
        endsWhenIdle = once
    }

    package var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    package mutating func connected() -> [Action] {
        guard phase == .connecting else { return [.disconnect] }
        phase = .greeting
        return [.send(.hello(hello))]
    }

    /// The connection is lost, or could not be had.
    package mutating func disconnected(now: UInt64) -> [Action] {
        guard phase != .ended else { return [] }
        phase = .away(until: now + backoff)
        backoff = min(backoff * 2, Self.backoffLast)
        claimed = nil
        if isStopping { return finishStop() }
        return loseAll()
    }

    package mutating func received(_ frame: ServerFrame, now: UInt64) -> [Action] {
        switch (phase, frame) {
        case (.greeting, .welcome(let lease, _)):
            phase = .ready(lease: UInt64(lease) * 1_000_000)
            backoff = Self.backoffFirst
            busyAt = now
            beatAt = now
            return claim()
        case (_, .refused(let refusal, let text)):
            // A garbled frame or a crowd may be better next time; another version will not.
            if refusal == .frame || refusal == .busy { return [.disconnect] }
            phase = .ended
            return loseAll() + [.refused(refusal, text)]
        case (.ready, .job(let offer)):
            claimed = nil
            busyAt = now
            let used = running.values.reduce(0) { $0 + $1.memory }
            // It may answer a claim that was made before another job came.
            guard !isStopping, running.count < Int(hello.workers),
                used <= hello.memory, offer.job.estimatedMemory <= hello.memory - used
            else {
                let release = Action.send(.release(job: offer.job.id, token: offer.token))
                return [release] + claim()
            }
            running[offer.job.id] = Running(
                token: offer.token, memory: offer.job.estimatedMemory)
            return [.start(offer)] + claim()
        case (.ready, .lost(let job, _)):
            guard let own = running[job], !own.isLost else { return [] }
            running[job]?.isLost = true
            return [.cancel(own.token)]
        case (.ready, .status): return []
        default: return [.disconnect]
        }
    }

    package mutating func tableFinished(
        _ job: UInt64, token: UInt64, _ table: TableMetadata, rest: [UInt8]
    ) -> [Action] {
        guard isReady, let own = running[job], own.token == token, !own.isLost else { return [] }
        return [.send(.finished(job: job, token: token, rest: rest, table: table))]
    }

    /// The thread of a job is done with it.
    package mutating func jobEnded(
        _ job: UInt64, token: UInt64, _ outcome: Outcome, now: UInt64
    ) -> [Action] {
        guard let own = running[job], own.token == token else { return [] }
        running[job] = nil
        busyAt = now
        var actions: [Action] = []
        if isReady, !own.isLost {
            switch outcome {
            case .written: actions.append(.send(.written(job: job, token: token)))
            case .cancelled: actions.append(.send(.release(job: job, token: token)))
            case .failed(let reason):
                actions.append(.send(.failed(job: job, token: token, reason: reason)))
            }
        }
        return actions + (isStopping ? finishStop() : claim())
    }

    /// To be called some times a second. `bytes` are what has been read and
    /// written under each token.
    package mutating func tick(now: UInt64, bytes: [UInt64: UInt64]) -> [Action] {
        switch phase {
        case .away(let until):
            guard !isStopping, until <= now else { return [] }
            phase = .connecting
            return [.connect]
        case .ready(let lease):
            var actions: [Action] = []
            if endsWhenIdle, running.isEmpty, now - busyAt >= Self.idleNanoseconds {
                actions += stop()
            } else if now - beatAt >= lease / 5, !running.isEmpty {
                beatAt = now
                let beats = running.filter { !$0.value.isLost }.sorted { $0.key < $1.key }
                    .map {
                        Beat(job: $0.key, token: $0.value.token, bytes: bytes[$0.value.token] ?? 0)
                    }
                actions.append(.send(.heartbeat(beats)))
            }
            return actions
        case .connecting, .greeting, .ended: return []
        }
    }

    /// Gives back what it has, with all that is finished of it, and ends.
    package mutating func stop() -> [Action] {
        guard !isStopping, phase != .ended else { return [] }
        isStopping = true
        let tokens = running.sorted { $0.key < $1.key }.map(\.value.token)
        return tokens.isEmpty ? finishStop() : tokens.map { .cancel($0) }
    }

    private mutating func finishStop() -> [Action] {
        guard running.isEmpty || !isReady else { return [] }
        let wasThere = isReady
        phase = .ended
        return (wasThere ? [.disconnect] : []) + [.stopped]
    }

    /// One claim waits at a time, so that the memory it names is free. One that names more takes
    /// its place when memory has become free, or it might wait for a small job for ever.
    private mutating func claim() -> [Action] {
        guard isReady, !isStopping, running.count < Int(hello.workers) else { return [] }
        let used = running.values.reduce(0) { $0 + $1.memory }
        guard used < hello.memory, hello.memory - used > claimed ?? 0 else { return [] }
        claimed = hello.memory - used
        return [.send(.claim(memory: hello.memory - used))]
    }

    private mutating func loseAll() -> [Action] {
        let jobs = running.keys.sorted().filter { running[$0]?.isLost == false }
        for job in jobs { running[job]?.isLost = true }
        return jobs.compactMap { running[$0].map { .cancel($0.token) } }
    }
}
