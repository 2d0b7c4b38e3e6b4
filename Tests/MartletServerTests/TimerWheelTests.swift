import MartletChat
import MartletServer
import Testing

@Suite struct TimerWheelTests {
    @Test("a key comes back in its second, a far one earlier to be asked again")
    func wheel() {
        var wheel = TimerWheel()
        #expect(wheel.schedule(1, at: 3) == 3)
        #expect(wheel.schedule(2, at: 0) == 1)
        #expect(wheel.schedule(3, at: 1000) == 63)
        var seen: [Int: [UInt64]] = [:]
        for _ in 0..<70 {
            let due = wheel.advance()
            if !due.isEmpty { seen[wheel.second] = due }
        }
        #expect(seen == [1: [2], 3: [1], 63: [3]])
    }
}
