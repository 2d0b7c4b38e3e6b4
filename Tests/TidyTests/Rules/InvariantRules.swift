/// The numbered invariants: what code and tests say to hold must be written down.
enum InvariantRules {
    /// The numbers that `document` defines: table rows that start with `| **W1** |`.
    static func defined(_ document: String) -> Set<String> {
        Set(document.matches(of: #/(?m)^\| \*\*([A-Z][0-9]+)\*\* \|/#).map { String($0.output.1) })
    }

    static func repeated(_ document: String) -> [Finding] {
        var seen: Set<String> = []
        return document.matches(of: #/(?m)^\| \*\*([A-Z][0-9]+)\*\* \|/#).compactMap { match in
            let number = String(match.output.1)
            if seen.insert(number).inserted { return nil }
            return Finding(path: "docs/INVARIANTS.md", line: 0, message: "\(number) twice")
        }
    }

    /// `Holds W1.` and `Holds W1, L2.` name defined invariants.
    static func named(path: String, text: String, defined: Set<String>) -> [Finding] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap {
            index, line in
            line.matches(of: #/Holds ((?:[A-Z][0-9]+(?:, | and )?)+)/#).flatMap { match in
                match.output.1.matches(of: #/[A-Z][0-9]+/#).map { String($0.output) }
                    .filter { !defined.contains($0) }
                    .map { Finding(path: path, line: index + 1, message: "no invariant \($0)") }
            }
        }
    }
}
