import MartletChat
import MartletServer
import Testing

@Suite struct GateTests {
    private func address(_ text: String) throws -> ClientAddress {
        try #require(ClientAddress(text))
    }

    @Test("an address has so many connections and no more, and gets them back")
    func connections() throws {
        var limits = ChatServerLimits.off
        limits.connectionsPerAddress = 2
        let gate = Gate(limits) { 0 }
        let home = try address("10.0.0.1")
        let first = try #require(gate.open(home))
        #expect(gate.open(home) != nil)
        #expect(gate.open(home) == nil)
        #expect(gate.open(try address("10.0.0.2")) != nil)
        gate.close(first)
        gate.close(first)
        #expect(gate.open(home) != nil)
        #expect(gate.open(home) == nil)
    }

    @Test("all addresses together have so many connections that are no sockets")
    func plain() throws {
        let gate = Gate(.off, plainMost: 2) { 0 }
        let first = try #require(gate.open(try address("10.0.0.1")))
        let second = try #require(gate.open(try address("10.0.0.2")))
        #expect(gate.open(try address("10.0.0.3")) == nil)
        gate.upgraded(first)
        gate.upgraded(first)
        #expect(gate.open(try address("10.0.0.3")) != nil)
        #expect(gate.open(try address("10.0.0.4")) == nil)
        gate.close(first)
        #expect(gate.open(try address("10.0.0.4")) == nil, "a socket's end frees no such place")
        gate.close(second)
        gate.close(second)
        #expect(gate.open(try address("10.0.0.4")) != nil)
        #expect(gate.open(try address("10.0.0.5")) == nil)
    }

    @Test("a user's classes have buckets of their own, under one for all requests")
    func classes() throws {
        var limits = ChatServerLimits.off
        limits.requests = RateLimit(perSecond: 1, burst: 5)
        limits.sends = RateLimit(perSecond: 1, burst: 2)
        let gate = Gate(limits) { 0 }
        let peer = try #require(gate.open(try address("10.0.0.1")))
        let ann = UserID(rawValue: 1)
        #expect(gate.admit(.send, ann, peer) == nil)
        #expect(gate.admit(.send, ann, peer) == nil)
        #expect(gate.admit(.send, ann, peer) == 1000)
        #expect(gate.admit(.page, ann, peer) == nil)
        #expect(gate.admit(.page, ann, peer) == nil)
        #expect(gate.admit(.page, ann, peer) == 1000)
        #expect(gate.admit(.send, UserID(rawValue: 2), peer) == nil)
    }

    @Test("before a login the address is counted, with its own buckets for logins")
    func addresses() throws {
        var limits = ChatServerLimits.off
        limits.addressRequests = RateLimit(perSecond: 1, burst: 4)
        limits.registers = RateLimit(perSecond: 0.1, burst: 1)
        let gate = Gate(limits) { 0 }
        let peer = try #require(gate.open(try address("10.0.0.1")))
        let neighbour = try #require(gate.open(try address("10.0.0.1")))
        let other = try #require(gate.open(try address("10.0.0.2")))
        #expect(gate.admit(.register, nil, peer) == nil)
        #expect(gate.admit(.register, nil, neighbour) == 10_000)
        #expect(gate.admit(.register, nil, other) == nil)
        #expect(gate.admit(.other, nil, peer) == nil)
        #expect(gate.admit(.other, nil, peer) == nil)
        #expect(gate.admit(.other, nil, neighbour) == 1000)
    }

    @Test("only a trusted proxy is believed who its client is")
    func proxies() throws {
        var limits = ChatServerLimits.off
        limits.connectionsPerAddress = 1
        let proxy = try address("10.9.9.9")
        let gate = Gate(limits, trustedProxies: [proxy]) { 0 }
        let first = try #require(gate.open(proxy))
        let second = try #require(gate.open(proxy))
        let third = try #require(gate.open(proxy))
        // What the client itself has written stands to the left of what the proxy has seen.
        #expect(
            gate.identify(first, forwarded: ["6.6.6.6", "1.1.1.1"], countsConnection: true))
        #expect(first.address == ClientAddress("1.1.1.1"))
        #expect(!gate.identify(second, forwarded: ["1.1.1.1"], countsConnection: true))
        #expect(gate.identify(third, forwarded: ["nonsense"], countsConnection: true))
        #expect(third.address == proxy)
        let stranger = try #require(gate.open(try address("10.0.0.3")))
        #expect(gate.identify(stranger, forwarded: ["2.2.2.2"], countsConnection: true))
        #expect(stranger.address == ClientAddress("10.0.0.3"))
    }

    @Test("a hundred thousand addresses leave no more than is remembered")
    func bounded() throws {
        var limits = ChatServerLimits()
        limits.rememberedKeys = 1000
        let gate = Gate(limits) { 0 }
        for number in 0..<100_000 {
            let text = "\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255).9"
            let peer = try #require(gate.open(try address(text)))
            _ = gate.admit(.login, nil, peer)
            _ = gate.beginLogin("name \(number)", peer)
            gate.close(peer)
        }
        #expect(gate.rememberedKeys <= 2000)
    }
}
