import Logging
import MartletChat
import MartletServer
import NIOConcurrencyHelpers
import Testing

@Suite struct SecurityLogTests {
    private let recorder = LogRecorder()
    private let time = NIOLockedValueBox<UInt64>(0)

    private func gate(_ limits: ChatServerLimits) -> Gate {
        Gate(limits, logger: recorder.logger) { [time] in time.withLockedValue { $0 } }
    }

    @Test("a line names the event, the connection, the address and the user")
    func fields() throws {
        var limits = ChatServerLimits.off
        limits.sends = RateLimit(perSecond: 1, burst: 1)
        let gate = gate(limits)
        let address = try #require(ClientAddress("203.0.113.9"))
        let peer = try #require(gate.open(address))
        _ = gate.admit(.send, UserID(rawValue: 7), peer)
        _ = gate.admit(.send, UserID(rawValue: 7), peer)
        let line = try #require(recorder.lines.first?.metadata)
        #expect(line["event"] == "rate limited")
        #expect(line["class"] == "send")
        #expect(line["connection"] == "\(peer.id)")
        #expect(line["address"] == "203.0.113.9")
        #expect(line["user"] == "0000000000000007")
    }

    @Test("a failed login is told without its name and password")
    func login() throws {
        let gate = gate(.off)
        let peer = try #require(gate.open(ClientAddress(nil)))
        gate.endLogin(gate.beginLogin("secret name", peer).login, succeeded: false)
        let line = try #require(recorder.lines.first?.metadata)
        #expect(line["event"] == "login failed")
        #expect(line.values.allSatisfy { !"\($0)".contains("secret") })
    }

    @Test("an attack cannot fill the log: what is left out is counted")
    func bounded() throws {
        var limits = ChatServerLimits.off
        limits.sends = RateLimit(perSecond: 0.001, burst: 1)
        let gate = gate(limits)
        let peer = try #require(gate.open(ClientAddress(nil)))
        for _ in 0..<10_001 { _ = gate.admit(.send, UserID(rawValue: 7), peer) }
        #expect(recorder.lines.count == 100)
        time.withLockedValue { $0 = 1_000_000 }
        _ = gate.admit(.send, UserID(rawValue: 7), peer)
        #expect(recorder.lines.last?.metadata["left_out"] == "9900")
    }
}
