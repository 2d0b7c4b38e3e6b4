/// How long things may be.
enum SizeRules {
    static let fileLinesMax = 500
    static let fileLinesMedianMax = 150
    static let functionLinesMax = 70
    static let columnsMax = 100

    static func file(_ file: SwiftText) -> [Finding] {
        let count = lineCount(file)
        if count <= fileLinesMax { return [] }
        return [
            Finding(path: file.path, line: count, message: "\(count) lines; \(fileLinesMax) max")
        ]
    }

    static func median(_ files: [SwiftText]) -> [Finding] {
        let counts = files.map(lineCount).sorted()
        guard !counts.isEmpty, counts[counts.count / 2] > fileLinesMedianMax else { return [] }
        let message = "the median file has \(counts[counts.count / 2]) lines"
        return [Finding(path: "Sources", line: 0, message: message)]
    }

    static func columns(_ file: SwiftText) -> [Finding] {
        file.lines.enumerated().filter { $0.element.count > columnsMax }.map {
            Finding(
                path: file.path, line: $0.offset + 1, message: "\($0.element.count) columns")
        }
    }

    static func functions(_ file: SwiftText) -> [Finding] {
        let starters: Set<String> = ["func", "init", "deinit", "subscript"]
        return file.words.compactMap { word in
            guard starters.contains(word.text),
                file.byte(before: word.range.lowerBound) != UInt8(ascii: "."),
                let end = bodyEnd(file, from: word.range.upperBound)
            else { return nil }
            let count = file.line(at: end) - word.line + 1
            if count <= functionLinesMax { return nil }
            return Finding(
                path: file.path, line: word.line, message: "a function of \(count) lines")
        }
    }

    private static func lineCount(_ file: SwiftText) -> Int {
        file.lines.count - (file.lines.last == "" ? 1 : 0)
    }

    /// The offset of the brace that closes the body of the function whose signature starts at
    /// `start`; nil where it has no body (a protocol's requirement).
    private static func bodyEnd(_ file: SwiftText, from start: Int) -> Int? {
        var nesting = 0
        var braces = 0
        for index in start..<file.code.count {
            switch file.code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): nesting += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): nesting -= 1
            case UInt8(ascii: "{") where nesting == 0 || braces > 0: braces += 1
            case UInt8(ascii: "}") where braces > 0:
                braces -= 1
                if braces == 0 { return index }
            case UInt8(ascii: "}") where nesting == 0: return nil
            case 10 where braces == 0 && nesting == 0 && !continues(file, at: index): return nil
            default: break
            }
            if nesting < 0 { return nil }
        }
        return nil
    }

    /// Whether a signature goes on behind the newline at `index`.
    private static func continues(_ file: SwiftText, at index: Int) -> Bool {
        let before = file.code[..<index].last { $0 != UInt8(ascii: " ") } ?? 10
        if [UInt8(ascii: ">"), UInt8(ascii: ","), UInt8(ascii: ":")].contains(before) {
            return true
        }
        let rest = String(
            decoding: file.code[index...].drop { $0 == UInt8(ascii: " ") || $0 == 10 }.prefix(10),
            as: UTF8.self)
        return ["{", "->", "where", "throws", "async", "rethrows"].contains { rest.hasPrefix($0) }
    }
}
