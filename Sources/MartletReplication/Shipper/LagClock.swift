/// When the log reached which sequence, and how many bytes it had then: what a lag in bytes and
/// seconds is read from. Older half of the marks is thinned out when there are too many.
struct LagClock: Sendable {
    static let marksMax = 1_024

    private struct Mark {
        var sequence: UInt64
        var bytes: UInt64
        var at: UInt64
    }

    /// Nanoseconds within which one mark stands for all.
    private let grain: UInt64
    private var marks: [Mark] = []
    private var segment: UInt64 = 0
    private var offset: UInt64 = 0
    private var bytes: UInt64 = 0

    init(grain: UInt64 = 0) { self.grain = grain }

    mutating func note(_ primary: PrimaryState, at now: UInt64) {
        note(
            segment: primary.segment, offset: primary.offset, lastSequence: primary.lastSequence,
            at: now)
    }

    /// The log ends there now.
    mutating func note(segment: UInt64, offset: UInt64, lastSequence: UInt64, at now: UInt64) {
        if segment == self.segment, offset >= self.offset {
            bytes += offset - self.offset
        } else if self.segment > 0 {
            bytes += offset
        }
        self.segment = segment
        self.offset = offset
        if let last = marks.last, lastSequence <= last.sequence {
            // A new term may have begun below: what was marked above it is gone.
            marks.removeAll { $0.sequence > lastSequence }
            if marks.last?.sequence == lastSequence { return }
        }
        if let last = marks.last, marks.count > 1, now < last.at + grain {
            marks[marks.count - 1].sequence = lastSequence
            marks[marks.count - 1].bytes = bytes
            return
        }
        marks.append(Mark(sequence: lastSequence, bytes: bytes, at: now))
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
