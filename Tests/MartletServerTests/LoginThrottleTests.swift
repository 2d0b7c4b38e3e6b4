import MartletServer
import Testing

@Suite struct LoginThrottleTests {
    private let second: UInt64 = 1_000_000

    /// Tries until `count` were let through, waiting as told; the waits.
    private func waits(_ count: Int, name: UInt64?, address: UInt64?) -> [UInt64] {
        var throttle = LoginThrottle(LoginDelays(), capacity: 1000)
        var now = second
        var waits: [UInt64] = []
        for round in 0..<count {
            let name = name ?? 1000 + UInt64(round)
            let address = address ?? 5000 + UInt64(round)
            if let wait = throttle.begin(name: name, address: address, at: now) {
                waits.append(wait / second)
                now += wait
                #expect(throttle.begin(name: name, address: address, at: now) == nil)
            }
        }
        return waits
    }

    @Test("a name's delays at one address begin behind the free tries, double, and stop at the cap")
    func pair() {
        #expect(waits(14, name: 1, address: 7) == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test(
        "tries from one address do not lock a name's owner out at another, a hundred addresses do")
    func name() {
        var throttle = LoginThrottle(LoginDelays(), capacity: 100)
        for _ in 0..<50 { _ = throttle.begin(name: 1, address: 7, at: second) }
        #expect(throttle.begin(name: 1, address: 7, at: second) != nil)
        #expect(throttle.begin(name: 1, address: 8, at: second) == nil)
        #expect(waits(109, name: 1, address: nil) == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test("an address that tries other names is delayed too, and for longer")
    func address() {
        let waits = waits(45, name: nil, address: 7)
        #expect(waits.count == 15)
        #expect(waits.prefix(5) == [1, 2, 4, 8, 16])
        #expect(waits.last == 900)
    }

    @Test("tries that are begun together count together")
    func together() {
        var throttle = LoginThrottle(LoginDelays(), capacity: 100)
        let through = (0..<50).filter { _ in throttle.begin(name: 1, address: 2, at: 9) == nil }
        #expect(through.count == 5)
    }

    @Test("a success starts its name anew, but not its address")
    func success() {
        var throttle = LoginThrottle(LoginDelays(), capacity: 100)
        var now = second
        // One account of one's own does not buy guesses at others.
        for round in 0..<60 as Range<UInt64> {
            for name in [100 + round, 1] {
                if let wait = throttle.begin(name: name, address: 7, at: now) {
                    now += wait
                    _ = throttle.begin(name: name, address: 7, at: now)
                }
                if name == 1 { throttle.succeeded(name: 1, address: 7) }
            }
        }
        #expect(throttle.begin(name: 999, address: 7, at: now) == 900 * second)
        #expect(throttle.begin(name: 1, address: 8, at: now) == nil)
    }

    @Test("an undecided try does not count")
    func undecided() {
        var throttle = LoginThrottle(LoginDelays(), capacity: 100)
        for _ in 0..<100 {
            #expect(throttle.begin(name: 1, address: 2, at: 9) == nil)
            throttle.undecided(name: 1, address: 2)
        }
    }

    @Test("an hour without a try is forgiven")
    func forgiven() {
        var throttle = LoginThrottle(LoginDelays(), capacity: 100)
        for _ in 0..<6 { _ = throttle.begin(name: 1, address: 2, at: second) }
        #expect(throttle.begin(name: 1, address: 2, at: second) != nil)
        let later = 3700 * second
        for _ in 0..<5 { #expect(throttle.begin(name: 1, address: 2, at: later) == nil) }
        #expect(throttle.begin(name: 1, address: 2, at: later) == second)
    }

    @Test("switched off, it delays nobody and remembers nothing")
    func off() {
        var throttle = LoginThrottle(.off, capacity: 100)
        for _ in 0..<1000 { #expect(throttle.begin(name: 1, address: 2, at: 1) == nil) }
        #expect(throttle.count == 0)
    }

    @Test("a million names leave no more than the capacity")
    func bounded() {
        var throttle = LoginThrottle(LoginDelays(), capacity: 500)
        for name in 0..<100_000 as Range<UInt64> {
            _ = throttle.begin(name: name, address: name << 20, at: 1)
        }
        #expect(throttle.count == 500)
    }
}
