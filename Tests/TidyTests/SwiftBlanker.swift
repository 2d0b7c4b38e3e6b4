/// Blanks comments and string literals of Swift source. Code inside of `\( )` stays, since the
/// rules hold there too.
struct SwiftBlanker {
    private let bytes: [UInt8]
    private var output: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        output = bytes
    }

    mutating func blanked() -> [UInt8] {
        while index < bytes.count { code() }
        return output
    }

    /// Passes one step of code: a comment, a literal or a byte.
    private mutating func code() {
        if at("//") {
            while index < bytes.count, bytes[index] != 10 { blank() }
        } else if at("/*") {
            blockComment()
        } else if let hashes = literalStart() {
            literal(hashes: hashes)
        } else {
            index += 1
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                blank(2)
            } else if at("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && index < bytes.count
    }

    /// The number of `#` before the quote if a string literal starts here.
    private func literalStart() -> Int? {
        var end = index
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - index : nil
    }

    private mutating func literal(hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        blank(hashes)
        let quotes = at("\"\"\"") ? "\"\"\"" : "\""
        blank(quotes.utf8.count)
        let closing = quotes + fence
        let escape = "\\" + fence
        while index < bytes.count, !at(closing) {
            if at(escape + "(") {
                blank(escape.utf8.count)
                interpolation()
            } else if at(escape) {
                blank(escape.utf8.count)
                if index < bytes.count { blank() }
            } else if quotes.utf8.count == 1, bytes[index] == 10 {
                return
            } else {
                blank()
            }
        }
        blank(closing.utf8.count)
    }

    private mutating func interpolation() {
        var depth = 0
        while index < bytes.count {
            let byte = bytes[index]
            code()
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { return }
        }
    }

    private func at(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] != 10 { output[index] = UInt8(ascii: " ") }
            index += 1
        }
    }
}
