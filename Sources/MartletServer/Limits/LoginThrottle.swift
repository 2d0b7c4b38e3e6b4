/// Growing delays between tries to log in. Time is passed in; no I/O.
///
/// A try counts when it begins, so that many at once gain nothing; a success takes it back. Names
/// count whether or not there is such an account: the two cannot be told apart here.
package struct LoginThrottle: Sendable {
    private struct Tries: Sendable {
        var count = 0
        /// Microseconds.
        var last: UInt64 = 0
        var notBefore: UInt64 = 0
    }

    private struct Rule {
        var free: Int
        var maxSeconds: Int
    }

    private let delays: LoginDelays
    private var tries: BoundedTable<UInt64, Tries>

    /// - Parameter capacity: names and addresses that are remembered.
    package init(_ delays: LoginDelays, capacity: Int) {
        self.delays = delays
        tries = BoundedTable(capacity: capacity, initial: Tries())
    }

    /// Names and addresses that are remembered now.
    package var count: Int { tries.count }

    /// A try begins.
    /// - Parameters:
    ///   - name: a hash of the name.
    ///   - address: a hash of the address.
    /// - Returns: nil if it may, else the microseconds to wait; such a try does not count.
    package mutating func begin(name: UInt64, address: UInt64, at now: UInt64) -> UInt64? {
        let pair = Self.pair(name, address)
        let wait = max(
            wait(pair, delays.freePerPair, at: now), wait(name, delays.freePerName, at: now),
            wait(address, delays.freePerAddress, at: now))
        if wait > 0 { return wait }
        count(
            pair, Rule(free: delays.freePerPair, maxSeconds: delays.maxSecondsPerName), at: now)
        count(
            name, Rule(free: delays.freePerName, maxSeconds: delays.maxSecondsPerName), at: now)
        count(
            address,
            Rule(free: delays.freePerAddress, maxSeconds: delays.maxSecondsPerAddress), at: now)
        return nil
    }

    /// A try has succeeded: its name starts anew. Its address only has this try back, or an account
    /// of one's own would buy guesses at others.
    package mutating func succeeded(name: UInt64, address: UInt64) {
        if delays.freePerPair > 0 { tries.update(Self.pair(name, address)) { $0 = Tries() } }
        if delays.freePerName > 0 { tries.update(name) { $0 = Tries() } }
        takeBack(address, delays.freePerAddress)
    }

    /// A try was not decided, for example because the server was busy: it does not count.
    package mutating func undecided(name: UInt64, address: UInt64) {
        takeBack(Self.pair(name, address), delays.freePerPair)
        takeBack(name, delays.freePerName)
        takeBack(address, delays.freePerAddress)
    }

    /// A name tried from an address, among the hashes of both.
    private static func pair(_ name: UInt64, _ address: UInt64) -> UInt64 {
        name &* 0x9E37_79B9_7F4A_7C15 &+ address &* 0xC2B2_AE3D_27D4_EB4F &+ 1
    }

    private mutating func takeBack(_ key: UInt64, _ free: Int) {
        if free <= 0 { return }
        tries.update(key) { tries in
            tries.count = max(0, tries.count - 1)
            if tries.count < free { tries.notBefore = 0 }
        }
    }

    private mutating func wait(_ key: UInt64, _ free: Int, at now: UInt64) -> UInt64 {
        if free <= 0 { return 0 }
        let forget = UInt64(max(1, delays.forgetSeconds)) * 1_000_000
        return tries.update(key) { tries in
            if tries.count > 0, now >= max(tries.last, tries.notBefore) + forget { tries = Tries() }
            return tries.notBefore > now ? tries.notBefore - now : 0
        }
    }

    private mutating func count(_ key: UInt64, _ rule: Rule, at now: UInt64) {
        if rule.free <= 0 { return }
        let first = max(0, delays.firstSeconds)
        tries.update(key) { tries in
            tries.count += 1
            tries.last = now
            guard tries.count >= rule.free else { return }
            let doublings = min(tries.count - rule.free, 20)
            let seconds = min(first << doublings, max(0, rule.maxSeconds))
            tries.notBefore = now + UInt64(seconds) * 1_000_000
        }
    }
}
