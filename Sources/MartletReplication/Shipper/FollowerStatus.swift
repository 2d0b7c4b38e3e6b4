/// A follower as the operator sees it.
package struct FollowerStatus: Sendable, Equatable {
    package var follower: UInt64
    package var name: String
    /// `streaming`, `catching-up`, `stuck`, `seeding`, `truncating`, `greeting`, `detached`.
    package var state: String
    /// All up to here is on its disk.
    package var durable: UInt64
    package var visible: UInt64
    /// What the primary has and it has not: sequences, bytes of log, and for how long.
    package var lagRecords: UInt64
    package var lagBytes: UInt64
    package var lagSeconds: Double
    /// Seeds that it was given since the shipper began.
    package var seeds: Int
    /// Nanoseconds of the shipper's clock at which it was last heard.
    package var heardAt: UInt64

    package init(
        follower: UInt64, name: String, state: String, durable: UInt64, visible: UInt64,
        lagRecords: UInt64, lagBytes: UInt64, lagSeconds: Double, seeds: Int, heardAt: UInt64
    ) {
        self.follower = follower
        self.name = name
        self.state = state
        self.durable = durable
        self.visible = visible
        self.lagRecords = lagRecords
        self.lagBytes = lagBytes
        self.lagSeconds = lagSeconds
        self.seeds = seeds
        self.heardAt = heardAt
    }
}

/// When the log reached which sequence, and how many bytes it had then: what a lag in bytes and
/// seconds is read from. Older half of the marks is thinned out when there are too many.
struct LagClock: Sendable {
    static let marksMax = 1_024

    private struct Mark {
        var sequence: UInt64
        var bytes: UInt64
        var at: UInt64
    }

    private var marks: [Mark] = []
    private var segment: UInt64 = 0
    private var offset: UInt64 = 0
    private var bytes: UInt64 = 0

    mutating func note(_ primary: PrimaryState, at now: UInt64) {
        if primary.segment == segment, primary.offset >= offset {
            bytes += primary.offset - offset
        } else if segment > 0 {
            bytes += primary.offset
        }
        segment = primary.segment
        offset = primary.offset
        if let last = marks.last, primary.lastSequence <= last.sequence {
            // A new term may have begun below: what was marked above it is gone.
            marks.removeAll { $0.sequence > primary.lastSequence }
            if marks.last?.sequence == primary.lastSequence { return }
        }
        marks.append(Mark(sequence: primary.lastSequence, bytes: bytes, at: now))
        guard marks.count > Self.marksMax else { return }
        let half = Self.marksMax / 2
        marks = marks.indices.filter { $0 > half || $0 % 2 == 0 }.map { marks[$0] }
    }

    /// Of a follower that has all up to `sequence`.
    func lag(of sequence: UInt64, at now: UInt64) -> (bytes: UInt64, seconds: Double) {
        guard let first = marks.first(where: { $0.sequence > sequence }) else { return (0, 0) }
        let reached = marks.last { $0.sequence <= sequence }
        let behind = bytes - (reached?.bytes ?? 0)
        let nanoseconds = now > first.at ? now - first.at : 0
        return (behind, Double(nanoseconds) / Double(ReplicationTimes.second))
    }
}
