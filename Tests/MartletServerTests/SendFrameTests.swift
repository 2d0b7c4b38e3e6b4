import MartletChat
import Testing

@testable import MartletServer

@Suite("The short way of a send's frame")
struct SendFrameTests {
    private static let frame =
        #"{"id":"7","send":{"conversation":"00000000000000a1","#
        + #""clientMessageID":"m-1","text":"Grüße, 你好 and a rather long line of text"}}"#

    private static let spice = Array(#"\"{}:,09azid "#.utf8)

    private func short(_ bytes: [UInt8]) -> ClientFrame? {
        bytes.withUnsafeBytes { bytes in
            UTF8Check.firstInvalid(in: bytes) == nil ? SendFrameReader.read(bytes) : nil
        }
    }

    private func long(_ bytes: [UInt8]) -> ClientFrame? {
        bytes.withUnsafeBytes { try? ClientFrame(parsingAny: $0) }
    }

    @Test("the frames that clients send are read by it")
    func usual() {
        let members = [
            #""conversation":"00000000000000a1""#, #""clientMessageID":"m-1""#, #""text":"hello""#,
        ]
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for order in orders {
            let body = order.map { members[$0] }.joined(separator: ",")
            for text in [
                #"{"id":"7","send":{\#(body)}}"#, #"{"send":{\#(body)},"id":"7"}"#,
                #"{"send":{\#(body)}}"#,
            ] {
                let frame = short(Array(text.utf8))
                #expect(frame != nil, "\(text)")
                #expect(frame == long(Array(text.utf8)), "\(text)")
            }
        }
    }

    @Test("what has more to it is left to the parser of all frames")
    func unusual() {
        let body = #""conversation":"00000000000000a1","clientMessageID":"m","text":"x""#
        for text in [
            #"{"id":"7","send":{\#(body),"replyTo":1}}"#, #"{"id":"7", "send":{\#(body)}}"#,
            #"{"id":"7","send":{\#(body)}} "#, #"{"id":"7","ping":{}}"#,
            #"{"id":"7","send":{\#(body)},"ping":{}}"#, #"{"id":"7","send":{\#(body),\#(body)}}"#,
            #"{"id":"\u0037","send":{\#(body)}}"#, #"{"id":"","send":{\#(body)}}"#, "{}", "",
        ] {
            #expect(short(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test("what it reads, the parser of all frames reads alike", arguments: UInt64(0)..<8)
    func alike(_ seed: UInt64) {
        var random = SplitMix64(state: seed)
        var read = 0
        for _ in 0..<4_000 {
            var bytes = Array(Self.frame.utf8)
            for _ in 0...random.next() % 3 {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(Self.spice.randomElement(using: &random) ?? 0, at: place)
                default: bytes.swapAt(place, Int(random.next() % UInt64(bytes.count)))
                }
            }
            guard let frame = short(bytes) else { continue }
            read += 1
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(frame == long(bytes), "seed \(seed): \(text)")
        }
        #expect(read > 100, "seed \(seed) reads next to nothing")
    }
}

private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
