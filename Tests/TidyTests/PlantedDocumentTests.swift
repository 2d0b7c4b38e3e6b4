import Testing

@Suite("planted violations in documents and scripts")
struct PlantedDocumentTests {
    private let target = MarkdownRules.Target(
        exists: { ["docs/A.md", "Sources/A/B.swift"].contains($0) },
        text: { $0 == "docs/A.md" ? "# A\n\n## The `log` file\n" : "struct B { func send() {} }" })

    private func links(_ text: String) -> Int {
        MarkdownRules.links(path: "docs/T.md", text: text, target: target).count
    }

    private func symbols(_ text: String) -> Int {
        MarkdownRules.symbols(path: "docs/T.md", text: text, target: target).count
    }

    @Test("no title, and two")
    func titles() {
        #expect(MarkdownRules.title(path: "a.md", text: "text").count == 1)
        #expect(MarkdownRules.title(path: "a.md", text: "# A\n# B").count == 1)
        #expect(MarkdownRules.title(path: "a.md", text: "# A\n```\n# b\n```\n").isEmpty)
    }

    @Test("links that lead nowhere")
    func links() {
        #expect(links("[a](B.md)") == 1)
        #expect(links("[a](A.md#nothing)") == 1)
        #expect(links("[a](../Sources/A/C.swift)") == 1)
        #expect(links("[a](A.md) [b](A.md#the-log-file) [c](https://example.org)") == 0)
        #expect(links("[a](../Sources/A/B.swift)") == 0)
    }

    @Test("symbols that do not exist")
    func symbols() {
        #expect(symbols("`Sources/A/C.swift`") == 1)
        #expect(symbols("`Sources/A/B.swift:receive`") == 1)
        #expect(symbols("`Sources/A/B.swift:B.send(_:)` and `Sources/A/B.swift`") == 0)
    }

    @Test("invariants that nobody wrote, or wrote twice")
    func invariants() {
        let document = "| **W1** | a |\n| **W2** | b |\n"
        let defined = InvariantRules.defined(document)
        #expect(defined == ["W1", "W2"])
        #expect(InvariantRules.repeated(document + document).count == 2)
        let text = "// Holds W1, W3."
        #expect(InvariantRules.named(path: "a", text: text, defined: defined).count == 1)
    }

    @Test("markers and machines' paths")
    func prose() {
        for marker in ProseRules.markers {
            #expect(ProseRules.check(path: "a", text: "// \(marker): later").count == 1)
            #expect(ProseRules.check(path: "a", text: "// A\(marker)S").isEmpty)
        }
        for path in ProseRules.machinePaths {
            #expect(ProseRules.check(path: "a", text: "see `\(path)x`").count == 1)
            #expect(ProseRules.check(path: "a", text: "net\(path)x").isEmpty)
        }
    }

    @Test("scripts that are long, cannot run, or go on after an error")
    func scripts() {
        let good = "#!/usr/bin/env bash\nset -euo pipefail\n"
        let long = good + String(repeating: "true\n", count: 80)
        #expect(ScriptRules.check(path: "a", text: good, isExecutable: true).isEmpty)
        #expect(ScriptRules.check(path: "a", text: good, isExecutable: false).count == 1)
        #expect(ScriptRules.check(path: "a", text: long, isExecutable: true).count == 1)
        #expect(ScriptRules.check(path: "a", text: "#!/bin/sh\n", isExecutable: true).count == 1)
        #expect(ScriptRules.check(path: "a", text: "true\n", isExecutable: true).count == 1)
    }
}
