import Testing

@Suite("the reader of Swift files")
struct SwiftTextTests {
    private func code(_ text: String) -> String {
        String(decoding: SwiftText(path: "a.swift", text: text).code, as: UTF8.self)
    }

    @Test("comments are blanked, nested ones too, and newlines stay")
    func comments() {
        #expect(code("a // b!\nc") == "a      \nc")
        #expect(code("a /* x /* y */ z\n*/ b") == "a               \n   b")
    }

    @Test("literals are blanked, with their escapes, fences and lines")
    func literals() {
        #expect(code(#"a "b\"c" d"#) == "a        d")
        #expect(code("a #\"b\"c\"# d") == "a         d")
        #expect(code("a \"\"\"\nx!\n\"\"\" b") == "a    \n  \n    b")
    }

    @Test("code inside of an interpolation stays, literals inside of it do not")
    func interpolation() {
        #expect(code(#""x\(y!)z" + a"#).contains("(y!)"))
        #expect(code(#""x\(y)z!" + a"#).hasSuffix(")    + a"))
        #expect(code(#""\(f("q!"))" a"#).hasSuffix("(f(    ))  a"))
    }

    @Test("words carry their lines")
    func words() {
        let file = SwiftText(path: "a.swift", text: "let a\n  = bc")
        #expect(file.words.map(\.text) == ["let", "a", "bc"])
        #expect(file.words.map(\.line) == [1, 1, 2])
    }
}
