/// What no file may hold.
enum ProseRules {
    // Put together here, so that this file does not break its own rule.
    static let markers = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
    static let machinePaths = ["/wo" + "rk/", "/ho" + "me/", "/Use" + "rs/", "/ro" + "ot/"]

    static func check(path: String, text: String) -> [Finding] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().flatMap { index, line in
            let marked = markers.filter { contains(line, $0) }.map { "\($0): do it or drop it" }
            let placed = machinePaths.filter { contains(line, $0) }.map { "\($0) is one machine's" }
            return (marked + placed).map { Finding(path: path, line: index + 1, message: $0) }
        }
    }

    /// Whether `line` holds `needle` with no letter or digit beside it.
    private static func contains(_ line: Substring, _ needle: String) -> Bool {
        line.ranges(of: needle).contains { range in
            let before = line[..<range.lowerBound].last.map { $0.isLetter || $0 == "." } ?? false
            let after = line[range.upperBound...].first?.isLetter ?? false
            return !before && (needle.hasSuffix("/") || !after)
        }
    }
}
