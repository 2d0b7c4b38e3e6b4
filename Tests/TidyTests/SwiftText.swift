/// A Swift file as the rules see it: `code` is the text with the contents of comments and string
/// literals blanked, byte for byte in the same place, so that a rule never trips over prose.
struct SwiftText {
    let path: String
    /// The lines as they stand in the file.
    let lines: [Substring]
    /// The file's bytes with comments and literals blanked; newlines are kept.
    let code: [UInt8]
    /// The identifiers, keywords and numbers of `code`, in order.
    let words: [Word]

    /// An identifier or keyword and where it stands.
    struct Word {
        var text: String
        var range: Range<Int>
        var line: Int
    }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var blanker = SwiftBlanker(bytes: Array(text.utf8))
        code = blanker.blanked()
        words = Self.words(in: code)
    }

    /// The number of the line (from 1) that holds the byte at `offset`.
    func line(at offset: Int) -> Int {
        code[..<offset].reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }

    /// The byte before `offset`, whatever it is; a newline at the start.
    func byte(before offset: Int) -> UInt8 { offset > 0 ? code[offset - 1] : 10 }

    /// The byte at `offset`; a newline behind the end.
    func byte(at offset: Int) -> UInt8 { offset < code.count ? code[offset] : 10 }

    /// The lines of `code` as text.
    var codeLines: [String] {
        code.split(separator: 10, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }

    private static func words(in code: [UInt8]) -> [Word] {
        var words: [Word] = []
        var line = 1
        var index = 0
        while index < code.count {
            if code[index] == 10 { line += 1 }
            guard isWordByte(code[index]) else {
                index += 1
                continue
            }
            let start = index
            while index < code.count, isWordByte(code[index]) { index += 1 }
            let text = String(decoding: code[start..<index], as: UTF8.self)
            words.append(Word(text: text, range: start..<index, line: line))
        }
        return words
    }
}
