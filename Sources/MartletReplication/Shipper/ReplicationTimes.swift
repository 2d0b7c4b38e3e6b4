/// How long things may take, in nanoseconds of a clock that never steps back.
package struct ReplicationTimes: Sendable, Equatable {
    package static let second: UInt64 = 1_000_000_000

    /// A peer that has nothing to say says so this often.
    package var heartbeat = second
    /// A peer that says nothing for this long is gone.
    package var silence = 15 * second
    /// From a connection's first byte to its hello or welcome.
    package var greeting = 10 * second
    /// A follower whose position does not move for this long, with data under way, is stuck.
    package var stuck = 30 * second
    /// A seed that nobody reads is dropped after this.
    package var seedIdle = 600 * second
    /// How often a follower looks whether one of its other primaries has a higher term.
    package var probe = 5 * second
    /// The first wait before connecting again; each further one is twice as long, up to the last.
    package var backoffFirst = second / 5
    package var backoffLast = 10 * second

    package init() {}
}
