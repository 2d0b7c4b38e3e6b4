import Testing

/// The house rules for documents and scripts.
@Suite("the documents and scripts of the house")
struct DocumentHouseTests {
    private let tree = SourceTree.shared
    private var target: MarkdownRules.Target {
        MarkdownRules.Target(exists: tree.exists, text: tree.text)
    }

    private func expectNone(_ findings: [Finding]) {
        #expect(findings.isEmpty, "\(findings.map { "\n" + $0.description }.joined())")
    }

    @Test("every document has one title")
    func titles() {
        expectNone(tree.markdown.flatMap { MarkdownRules.title(path: $0, text: tree.text($0)) })
    }

    @Test("relative links lead somewhere")
    func links() {
        expectNone(
            tree.markdown.flatMap {
                MarkdownRules.links(path: $0, text: tree.text($0), target: target)
            })
    }

    @Test("the tour and the architecture name files and symbols that exist")
    func symbols() {
        let documents = ["docs/TOUR.md", "docs/ARCHITECTURE.md"].filter(tree.exists)
        expectNone(
            documents.flatMap {
                MarkdownRules.symbols(path: $0, text: tree.text($0), target: target)
            })
    }

    @Test("an invariant that code names is written down, once")
    func invariants() {
        let document = tree.text("docs/INVARIANTS.md")
        let defined = InvariantRules.defined(document)
        #expect(!defined.isEmpty)
        expectNone(InvariantRules.repeated(document))
        let held = SourceTree.swiftFiles.filter { !$0.path.hasPrefix("Tests/TidyTests/") }
        expectNone(
            held.flatMap {
                InvariantRules.named(path: $0.path, text: tree.text($0.path), defined: defined)
            })
    }

    @Test("no marker of unfinished work, no path of one machine")
    func prose() {
        expectNone(tree.prose.flatMap { ProseRules.check(path: $0, text: tree.text($0)) })
    }

    @Test("scripts are a page, executable and well-formed")
    func scripts() throws {
        for path in tree.scripts {
            let text = tree.text(path)
            expectNone(
                ScriptRules.check(path: path, text: text, isExecutable: tree.isExecutable(path)))
            guard text.prefix(while: { $0 != "\n" }).hasSuffix("sh") else { continue }
            let (status, output) = try ChildProcess.run(["bash", "-n", path], in: tree.root)
            #expect(status == 0, "\(output)")
        }
    }
}
