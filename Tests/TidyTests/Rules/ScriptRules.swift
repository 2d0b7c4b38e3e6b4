/// Scripts are a page, no more: what is longer is a Swift program.
enum ScriptRules {
    static let linesMax = 80

    static func check(path: String, text: String, isExecutable: Bool) -> [Finding] {
        var findings: [Finding] = []
        let count = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        if count > linesMax {
            findings.append(Finding(path: path, line: count, message: "\(count) lines"))
        }
        if !isExecutable {
            findings.append(Finding(path: path, line: 1, message: "not executable"))
        }
        if !text.hasPrefix("#!/") {
            findings.append(Finding(path: path, line: 1, message: "no interpreter line"))
        }
        let isShell = text.prefix { $0 != "\n" }.hasSuffix("sh")
        if isShell, !text.contains("set -euo pipefail") {
            findings.append(Finding(path: path, line: 1, message: "no `set -euo pipefail`"))
        }
        return findings
    }
}
