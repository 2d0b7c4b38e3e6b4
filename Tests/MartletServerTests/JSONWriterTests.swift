import MartletChat
import MartletServer
import NIOCore
import Testing

@Suite struct JSONWriterTests {
    @Test("what is written reads back")
    func roundTrip() throws {
        let text = "a\"\\\n\r\t\u{01}\u{1F}\u{7F}é😀\u{2028}"
        var json = JSONWriter()
        json.beginArray()
        json.string(text)
        json.integer(0)
        json.integer(.max)
        json.hex(0x1F0C_55D0_A2B3_C4D5)
        json.beginObject()
        json.key("k")
        json.bool(true)
        json.endObject()
        json.endArray()
        let bytes = Array(json.finish().readableBytesView)
        #expect(
            try JSONReaderTests.tokens(bytes) == [
                .beginArray, .string(text), .integer(0), .number, .string("1f0c55d0a2b3c4d5"),
                .beginObject, .key("k"), .bool(true), .endObject, .endArray,
            ])
    }
}
