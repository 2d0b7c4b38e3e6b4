import Testing

@testable import MartletServer

@Suite("When sockets come back after a stop") struct ReconnectHintTests {
    @Test("two come back at once, many are spread over the whole time, evenly")
    func spread() {
        let few = ReconnectHints(count: 2, 10_000)
        #expect(few.after(0) == 500 && few.after(1) == 501)
        let many = ReconnectHints(count: 15_000, 10_000)
        let times = (0..<15_000).map(many.after)
        #expect(times.first == 500)
        #expect((10_490...10_500).contains(times.last ?? 0))
        for second in 0..<10 {
            let range = (500 + second * 1_000)..<(1_500 + second * 1_000)
            #expect((1_490...1_510).contains(times.filter(range.contains).count))
        }
        #expect(ReconnectHints(count: 0, 10_000).after(0) == 500)
        #expect(ReconnectHints(count: 5, 0).after(4) == 500)
    }
}
