import Testing

@testable import MartletPush

@Suite("base64url")
struct Base64URLTests {
    @Test("every length comes back", arguments: 0..<50)
    func roundTrip(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 97 + 5) }
        #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }

    @Test(
        "the vectors of RFC 4648, with padding and without",
        arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")])
    func vectors(_ plain: String, _ coded: String) {
        #expect(Base64URL.encode(plain.utf8) == coded)
        let padding = String(repeating: "=", count: (4 - coded.utf8.count % 4) % 4)
        #expect(Base64URL.decode(coded + padding) == Array(plain.utf8))
    }

    @Test(
        "other alphabets, lengths and bits are refused",
        arguments: ["A", "AA+A", "AA/A", "AB", "Zg=", "Zg===", "====", "Z g", "Zm9v=", "é"])
    func refused(_ text: String) { #expect(Base64URL.decode(text) == nil) }
}
