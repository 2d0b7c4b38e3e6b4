/// Messages between numbered machines that are lost, late, doubled and out of order as a seed
/// decides. One-way partitions too: what is cut drops, in silence.
package struct SimulatedNetwork<Message> {
    /// How often what happens to a message, in 1,000, and how long it takes.
    package struct Faults: Sendable {
        package var lost = 0
        package var doubled = 0
        /// Messages overtake each other; else those of one pair arrive in their order.
        package var overtakes = false
        package var delay: ClosedRange<UInt64> = 1...1

        package init() {}
    }

    /// A direction from one machine to another.
    package struct Way: Hashable, Sendable {
        package var from: Int
        package var to: Int

        package init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    private struct Letter {
        var at: UInt64
        var order: UInt64
        var way: Way
        var message: Message
    }

    package var faults = Faults()
    /// Ways on which nothing arrives.
    package var cut: Set<Way> = []
    private var letters: [Letter] = []
    private var order: UInt64 = 0
    private var lastArrival: [Way: UInt64] = [:]

    package init() {}

    package var waiting: Int { letters.count }

    /// Sends at `now`, in the unit that `faults.delay` has.
    package mutating func send(
        _ message: Message, _ way: Way, at now: UInt64,
        using random: inout some RandomNumberGenerator
    ) {
        if cut.contains(way) { return }
        if Int.random(in: 0..<1_000, using: &random) < faults.lost { return }
        let copies = Int.random(in: 0..<1_000, using: &random) < faults.doubled ? 2 : 1
        for _ in 0..<copies {
            var at = now + UInt64.random(in: faults.delay, using: &random)
            if !faults.overtakes {
                at = max(at, lastArrival[way] ?? 0)
                lastArrival[way] = at
            }
            order += 1
            letters.append(Letter(at: at, order: order, way: way, message: message))
        }
    }

    /// The next message that has arrived by `now`.
    package mutating func next(at now: UInt64) -> (way: Way, message: Message)? {
        var best: Int?
        for index in letters.indices where letters[index].at <= now {
            guard let known = best else {
                best = index
                continue
            }
            let (left, right) = (letters[index], letters[known])
            if (left.at, left.order) < (right.at, right.order) { best = index }
        }
        guard let best else { return nil }
        let letter = letters.remove(at: best)
        return cut.contains(letter.way) ? next(at: now) : (letter.way, letter.message)
    }
}
