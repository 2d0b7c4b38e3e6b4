/// What can trap, and what the compiler cannot check.
enum SafetyRules {
    static let proofLengthMin = 80

    /// Forced tries, casts and unwraps, and implicitly unwrapped types: a `!` behind something.
    static func bangs(_ file: SwiftText) -> [Finding] {
        file.code.indices.compactMap { index in
            guard file.code[index] == UInt8(ascii: "!") else { return nil }
            let before = file.byte(before: index)
            let closers = [")", "]", "}", ">", "?", "`"].map { UInt8(ascii: $0) }
            let isPostfix = SwiftText.isWordByte(before) || closers.contains(before)
            let isInequality = file.byte(at: index + 1) == UInt8(ascii: "=")
            if !isPostfix || isInequality { return nil }
            let word = file.words.last { $0.range.upperBound == index }?.text ?? ""
            let kind = ["try", "as"].contains(word) ? "`\(word)!`" : "a forced or implicit unwrap"
            return Finding(path: file.path, line: file.line(at: index), message: kind)
        }
    }

    static func fatalErrors(_ file: SwiftText) -> [Finding] {
        file.words.filter {
            $0.text == "fatalError" && file.lines[$0.line - 1].contains("fatalError()")
        }.map {
            Finding(path: file.path, line: $0.line, message: "`fatalError` says nothing")
        }
    }

    /// `@unchecked Sendable` needs its proof in the doc comment right above the declaration.
    static func unchecked(_ file: SwiftText) -> [Finding] {
        file.words.filter {
            $0.text == "unchecked" && file.byte(before: $0.range.lowerBound) == UInt8(ascii: "@")
        }.compactMap { word in
            let proof = documentation(file, above: declarationLine(file, at: word.line))
            if proof.contains("Sendable"), proof.count >= proofLengthMin { return nil }
            return Finding(
                path: file.path, line: word.line,
                message: "`@unchecked Sendable` without its proof in the doc comment above")
        }
    }

    /// The line (from 1) on which the declaration around `line` starts.
    private static func declarationLine(_ file: SwiftText, at line: Int) -> Int {
        let starters: Set<String> = ["class", "struct", "enum", "extension", "actor"]
        return file.words.last { $0.line <= line && starters.contains($0.text) }?.line ?? line
    }

    private static func documentation(_ file: SwiftText, above line: Int) -> String {
        var text: [Substring] = []
        for above in file.lines[..<(line - 1)].reversed() {
            let trimmed = above.drop { $0 == " " }
            if trimmed.hasPrefix("///") {
                text.insert(trimmed.dropFirst(3), at: 0)
            } else if !trimmed.hasPrefix("@") {
                break
            }
        }
        return text.joined(separator: " ")
    }
}
