import MartletChat
import MartletServer
import Testing

@Suite struct JSONReaderTests {
    static func tokens(_ bytes: [UInt8]) throws(JSONError) -> [JSONReader.Token] {
        try bytes.withUnsafeBytes { Result(reading: $0) }.get()
    }

    private func tokens(_ text: String) throws(JSONError) -> [JSONReader.Token] {
        try Self.tokens(Array(text.utf8))
    }

    private func reason(_ text: String) -> JSONError.Reason? {
        do throws(JSONError) {
            _ = try tokens(text)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("all kinds of values are read")
    func values() throws {
        #expect(
            try tokens(" {\"a\" : [1, -2,true,false,null,\"x\",{}], \"b\":1.5e3}\n") == [
                .beginObject, .key("a"), .beginArray, .integer(1), .integer(-2), .bool(true),
                .bool(false), .null, .string("x"), .beginObject, .endObject, .endArray, .key("b"),
                .number, .endObject,
            ])
    }

    @Test("every text cut short is an error, never a value")
    func truncated() {
        let text = Array(#"{"a":[1,{"b":"\u00e9x"},null],"c":-12.5e+7}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: JSONError.self) { try Self.tokens(Array(text.prefix(count))) }
        }
        #expect(throws: Never.self) { try Self.tokens(text) }
    }

    @Test(
        "grammar is strict",
        arguments: [
            "01", "-", "+1", "1.", ".5", "1e", "1e+", "--1", "0x1", "tru", "True", "nulll",
            "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
            "\"\\x\"", "\"\\u12g4\"", "\"\u{01}\"", "1 2", "[]]", "// x\n1", "NaN", "\u{FEFF}1",
        ])
    func strict(_ text: String) {
        #expect(reason(text) != nil)
    }

    @Test("integers are exact, what does not fit is a number without value")
    func integers() throws {
        #expect(try tokens("9223372036854775807") == [.integer(.max)])
        #expect(try tokens("-9223372036854775808") == [.integer(.min)])
        #expect(try tokens("9223372036854775808") == [.number])
        #expect(try tokens("-0") == [.integer(0)])
        #expect(try tokens(String(repeating: "9", count: 5000)) == [.number])
        #expect(try tokens("1e999999") == [.number])
    }

    @Test("escapes and surrogate pairs are decoded, lone surrogates refused")
    func escapes() throws {
        #expect(
            try tokens(#""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00é""#)
                == [.string("\"\\/\u{08}\u{0C}\n\r\tA😀é")])
        for text in [#""\ud83d""#, #""\ud83dx""#, #""\ude00""#, #""\ud83d\u0041""#] {
            #expect(reason(text) == .loneSurrogate)
        }
    }

    @Test("16 levels are read, 17 are too deep")
    func depth() {
        let open = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(reason(open(16)) == nil)
        #expect(reason(open(17)) == .tooDeep)
        #expect(reason(String(repeating: "[", count: 60_000)) == .tooDeep)
    }

    @Test("a key that comes twice is refused, at any depth and behind any escape")
    func duplicates() {
        #expect(reason(#"{"a":1,"a":2}"#) == .duplicateKey)
        #expect(reason(#"{"a":1,"\u0061":2}"#) == .duplicateKey)
        #expect(reason(#"[{"x":{"k":1,"b":2,"k":3}}]"#) == .duplicateKey)
        #expect(reason(#"{"a":{"a":1},"b":{"a":1}}"#) == nil)
        // Equal for Unicode, not for bytes.
        #expect(reason("{\"\u{E9}\":1,\"e\u{301}\":2}") == nil)
        let many = (0..<2000).map { "\"k\($0)\":1" }.joined(separator: ",")
        #expect(reason("{\(many)}") == nil)
        #expect(reason("{\(many),\"k7\":1}") == .duplicateKey)
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0x80, 0x22],
            [0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22],
        ] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try Self.tokens(bytes) }
    }

    @Test("flipped bits and random bytes never trap")
    func fuzz() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        let text = Array(
            #"{"id":"7","send":{"conversation":"1f0c","text":"a\u00e9\ud83d\ude00é😀","n":-12.5e3}}"#
                .utf8)
        for _ in 0..<20_000 {
            var bytes = text
            for _ in 0...(next() % 4) { bytes[next() % bytes.count] ^= UInt8(1 << (next() % 8)) }
            if next() % 3 == 0 { bytes.removeLast(next() % bytes.count) }
            let tokens = try? Self.tokens(bytes)
            #expect((tokens?.count ?? 0) < 100, "seed \(seed)")
            _ = SessionScript.parse(bytes)
        }
    }
}

extension Result where Success == [JSONReader.Token], Failure == JSONError {
    fileprivate init(reading bytes: UnsafeRawBufferPointer) {
        do throws(JSONError) {
            var reader = try JSONReader(bytes)
            var tokens: [JSONReader.Token] = []
            while true {
                let token = try reader.next()
                if token == .end { break }
                tokens.append(token)
            }
            self = .success(tokens)
        } catch {
            self = .failure(error)
        }
    }
}
