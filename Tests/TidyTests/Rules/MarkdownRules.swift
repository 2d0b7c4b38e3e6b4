/// Links and references of the documents.
enum MarkdownRules {
    /// What a link may lead to.
    struct Target {
        var exists: (String) -> Bool
        var text: (String) -> String
    }

    static func title(path: String, text: String) -> [Finding] {
        let titles = prose(text).filter { $0.line.hasPrefix("# ") }
        if titles.count == 1 { return [] }
        return [Finding(path: path, line: 1, message: "\(titles.count) titles in place of one")]
    }

    static func links(path: String, text: String, target: Target) -> [Finding] {
        prose(text).flatMap { number, line in
            line.matches(of: #/\]\(([^)\s]+)\)/#).compactMap { match in
                let link = String(match.output.1)
                if link.contains("://") || link.hasPrefix("mailto:") { return nil }
                let parts = link.split(
                    separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let file = parts[0].isEmpty ? path : resolve(String(parts[0]), from: path)
                if !target.exists(file) {
                    return Finding(path: path, line: number, message: "nothing at \(link)")
                }
                guard parts.count == 2, file.hasSuffix(".md") else { return nil }
                if anchors(target.text(file)).contains(String(parts[1])) { return nil }
                return Finding(path: path, line: number, message: "no heading for \(link)")
            }
        }
    }

    /// References of the form `path:symbol` in backticks: the file must hold the symbol as a word.
    static func symbols(path: String, text: String, target: Target) -> [Finding] {
        prose(text).flatMap { number, line in
            let pattern = #/`((?:Sources|Tests|tools|docs|Benchmarks)/[^`:\s]+)(?::([^`\s]+))?`/#
            return line.matches(of: pattern).compactMap { match in
                let file = String(match.output.1)
                if !target.exists(file) {
                    return Finding(path: path, line: number, message: "no file \(file)")
                }
                guard let symbol = match.output.2 else { return nil }
                let word = symbol.split(separator: ".").last?.prefix { $0 != "(" } ?? ""
                let held = SwiftText(path: file, text: target.text(file)).words
                if held.contains(where: { $0.text == word }) { return nil }
                return Finding(path: path, line: number, message: "no \(symbol) in \(file)")
            }
        }
    }

    /// The lines outside of fenced code, numbered from 1.
    private static func prose(_ text: String) -> [(number: Int, line: Substring)] {
        var isFenced = false
        var lines: [(number: Int, line: Substring)] = []
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in all.enumerated() {
            let isFence = line.drop { $0 == " " }.hasPrefix("```")
            if isFence { isFenced.toggle() }
            if !isFenced && !isFence { lines.append((index + 1, line)) }
        }
        return lines
    }

    private static func resolve(_ link: String, from path: String) -> String {
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in link.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty {
                parts.removeLast()
            } else {
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    /// The anchors of the headings, as GitHub makes them.
    private static func anchors(_ text: String) -> Set<String> {
        Set(
            prose(text).filter { $0.line.hasPrefix("#") }.map { heading in
                heading.line.drop { $0 == "#" }.dropFirst().lowercased().compactMap { character in
                    if character == " " { return "-" }
                    let isKept =
                        character.isLetter || character.isNumber || "-_".contains(character)
                    return isKept ? String(character) : nil
                }.joined()
            })
    }
}
