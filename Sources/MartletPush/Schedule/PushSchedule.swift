/// When which job of the outbox is sent: a state machine without I/O, time or randomness of its
/// own. The store holds all jobs; this holds at most `Limits.jobsMax` of them, the earliest, and
/// asks for more when it runs low.
///
/// Its owner stores a job, then offers it; does what the returned actions say, in their order;
/// calls `finished` for each `send`, `refilled` for each `refill`, and `tick` at the time of the
/// last `wake`. After a start it begins with `start`, whose `refill` brings back what was stored.
/// A crash repeats the attempts that were under way, no others.
///
/// Holds P1 and P2.
public struct PushSchedule: Sendable {
    /// The bounds. Times are in microseconds.
    public struct Limits: Sendable, Hashable {
        /// Jobs held in memory.
        public var jobsMax = 10_000
        /// Attempts under way in all.
        public var inFlightMax = 128
        /// Attempts under way to one service.
        public var inFlightPerServiceMax = 16
        /// The delay after a first failure; it doubles with each further one.
        public var retryFirst: UInt64 = 1_000_000
        /// The longest delay, unless a service asks for more.
        public var retryMax: UInt64 = 15 * 60 * 1_000_000
        /// So many failures of a service one after the other hold up all that goes there.
        public var serviceFailuresMax: UInt32 = 5

        /// The defaults.
        public init() {}
    }

    /// What the owner must do. What changes the store is done only where the store still has the
    /// job in this version: a newer one stays, and one that is gone stays gone.
    public enum Action: Sendable, Hashable {
        /// Send it now, and say with `finished` what became of it. Where nothing is left to be
        /// sent (the row or the device is gone), say that it was accepted.
        case send(PushJob)
        /// Write the job's new state.
        case store(PushJob)
        /// It is done: delete it.
        case remove(PushJob)
        /// Given up: move it to the dead letters.
        case bury(PushJob)
        /// Forget the subscription that the job was sent to, if it is still the stored one.
        case dropSubscription(PushJob, reason: String)
        /// Tell the operator.
        case alarm(String)
        /// Read up to `limit` stored jobs, the first from `from` on in the order of their keys.
        case refill(from: PushJob.Key, limit: Int)
        /// Call `tick` then, in place of any time said before.
        case wake(at: UInt64)
    }

    enum Phase: Sendable {
        /// Not due yet: in `waiting`.
        case waiting
        /// Due: in its service's queue.
        case ready
        case inFlight
    }

    struct Held: Sendable {
        var job: PushJob
        var phase = Phase.waiting
        /// The newer job that came while this one was under way.
        var successor: PushJob?
        /// Whether nobody wants it any more, while it is under way.
        var isCancelled = false
    }

    let limits: Limits
    let backoff: Backoff
    var held: [[UInt8]: Held] = [:]
    var waiting = DueQueue()
    var services: [String: ServiceQueue] = [:]
    /// Services that have something due and may have room, in turn.
    var round: [String] = []
    var inFlight = 0
    /// Every stored job that is not held has a key from here on; nil where all are held.
    var horizon: PushJob.Key? = .first
    var isRefilling = false
    /// The first of those that were left in the store while a refill was under way.
    var missed: PushJob.Key?
    private var wakeAt: UInt64?

    /// An empty schedule, which believes that the store is full of jobs until `start` asked.
    public init(limits: Limits = Limits()) {
        self.limits = limits
        backoff = Backoff(first: limits.retryFirst, most: limits.retryMax)
    }

    /// Jobs held in memory.
    public var count: Int { held.count }

    /// Attempts under way.
    public var inFlightCount: Int { inFlight }

    /// Asks for what the store has from before.
    public mutating func start() -> [Action] { refillIfLow() }

    /// Takes a job that was just stored: a new one, or a newer one for an id that there is. An
    /// older version than the one at hand changes nothing.
    public mutating func offer(
        _ job: PushJob, now: UInt64, using random: inout some RandomNumberGenerator
    ) -> [Action] {
        var actions: [Action] = []
        if let entry = held[job.id] {
            guard job.version > (entry.successor ?? entry.job).version else { return [] }
            supersede(entry, by: job, &actions)
        } else {
            admit(job)
        }
        return actions + turn(now, &random)
    }

    /// Takes back a job that nobody wants any more. An attempt under way goes on.
    public mutating func cancel(_ id: [UInt8], now: UInt64) -> [Action] {
        guard let entry = held[id] else { return [] }
        if entry.phase == .inFlight {
            held[id]?.successor = nil
            held[id]?.isCancelled = true
            return []
        }
        forget(entry)
        return [.remove(entry.job)] + refillIfLow()
    }

    /// What became of an attempt. If the device subscribed anew while it was under way and
    /// `outcome` speaks of the old subscription, say `retry` in its place.
    public mutating func finished(
        _ id: [UInt8], _ outcome: PushOutcome, now: UInt64,
        using random: inout some RandomNumberGenerator
    ) -> [Action] {
        guard let entry = held[id], entry.phase == .inFlight else { return [] }
        var actions: [Action] = []
        inFlight -= 1
        services[entry.job.service]?.inFlight -= 1
        queue(entry.job.service)
        settle(entry, outcome, now, &random, &actions)
        return actions + turn(now, &random)
    }

    /// What the store gave for `refill`, in the order of the keys. `isEnd`: there are no more.
    public mutating func refilled(
        _ jobs: [PushJob], isEnd: Bool, now: UInt64,
        using random: inout some RandomNumberGenerator
    ) -> [Action] {
        isRefilling = false
        var left: PushJob.Key?
        var actions: [Action] = []
        for job in jobs {
            if let entry = held[job.id] {
                update(entry, from: job, &actions)
            } else if held.count < limits.jobsMax {
                hold(job)
            } else {
                left = job.key
                break
            }
        }
        let behind = isEnd || jobs.isEmpty ? nil : jobs.last?.key.next
        horizon = [left ?? behind, missed].compactMap { $0 }.min()
        missed = nil
        return actions + turn(now, &random)
    }

    /// Time has passed.
    public mutating func tick(
        now: UInt64, using random: inout some RandomNumberGenerator
    ) -> [Action] {
        // The time that was asked for is over: the next one is news, even if it is the same.
        wakeAt = nil
        return turn(now, &random)
    }

    /// All that follows from the state as it is now.
    private mutating func turn(
        _ now: UInt64, _ random: inout some RandomNumberGenerator
    ) -> [Action] {
        var actions: [Action] = []
        promote(now, &random, &actions)
        pump(now, &random, &actions)
        actions += refillIfLow()
        prune(now)
        let next = nextDue()
        if next != wakeAt, let next { actions.append(.wake(at: next)) }
        wakeAt = next
        return actions
    }
}
