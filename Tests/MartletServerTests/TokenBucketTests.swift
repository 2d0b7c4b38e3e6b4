import MartletServer
import Testing

@Suite struct TokenBucketTests {
    private let limit = RateLimit(perSecond: 2, burst: 3)

    @Test("a burst goes through at once, then one for each share of a second")
    func burst() {
        var bucket = TokenBucket()
        for _ in 0..<3 { #expect(bucket.take(limit, at: 1_000_000) == nil) }
        #expect(bucket.take(limit, at: 1_000_000) == 500_000)
        #expect(bucket.take(limit, at: 1_400_000) == 100_000)
        #expect(bucket.take(limit, at: 1_500_000) == nil)
        #expect(bucket.take(limit, at: 1_500_000) == 500_000)
    }

    @Test("a refused try costs nothing, and a long rest fills no more than the bucket")
    func rest() {
        var bucket = TokenBucket()
        for _ in 0..<3 { _ = bucket.take(limit, at: 0) }
        for _ in 0..<100 { #expect(bucket.take(limit, at: 0) == 500_000) }
        for _ in 0..<3 { #expect(bucket.take(limit, at: 3_600_000_000) == nil) }
        #expect(bucket.take(limit, at: 3_600_000_000) != nil)
    }

    @Test("a limit of 0 limits nothing")
    func off() {
        var bucket = TokenBucket()
        for _ in 0..<1000 { #expect(bucket.take(.off, at: 0) == nil) }
        #expect(ChatServerLimits.off.sends.isOff)
        #expect(ChatServerLimits.off.connectionsPerAddress == 0)
    }

    @Test("a rate far below one in a second is kept to")
    func slow() {
        var bucket = TokenBucket()
        let limit = RateLimit(perSecond: 0.001, burst: 1)
        #expect(bucket.take(limit, at: 5) == nil)
        #expect(bucket.take(limit, at: 5) == 1_000_000_000)
    }
}
