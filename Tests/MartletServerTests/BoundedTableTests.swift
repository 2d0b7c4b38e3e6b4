import MartletServer
import Testing

@Suite struct BoundedTableTests {
    @Test("a new key takes the place of the one untouched for longest")
    func leastRecent() {
        var table = BoundedTable<Int, Int>(capacity: 3, initial: 0)
        for key in [1, 2, 3, 1] { table.update(key) { $0 += 1 } }
        table.update(4) { $0 += 1 }
        #expect(table.count == 3)
        #expect(table.update(1) { $0 } == 2)
        #expect(table.update(3) { $0 } == 1)
        // 2 was forgotten; looking it up starts it anew, in the place of 4.
        #expect(table.update(2) { $0 } == 0)
        #expect(table.update(4) { $0 } == 0)
    }

    @Test("a million keys hold no more than the capacity")
    func bounded() {
        var table = BoundedTable<UInt64, TokenBucket>(capacity: 1000, initial: TokenBucket())
        for key in 0..<1_000_000 as Range<UInt64> { table.update(key) { _ in } }
        #expect(table.count == 1000)
    }

    @Test("against a plain list, whatever the order of keys")
    func model() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        var table = BoundedTable<Int, Int>(capacity: 8, initial: 0)
        var model: [(key: Int, value: Int)] = []
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Int(state >> 33) % 14
            var value = 0
            if let index = model.firstIndex(where: { $0.key == key }) {
                value = model.remove(at: index).value
            }
            if model.count == 8 { model.removeFirst() }
            model.append((key, value + 1))
            #expect(
                table.update(key) {
                    $0 += 1; return $0
                } == value + 1, "seed \(seed)")
            #expect(table.count == model.count, "seed \(seed)")
        }
    }
}
