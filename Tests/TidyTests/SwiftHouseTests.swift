import Testing

/// The house rules, over every Swift file of the project.
@Suite("the Swift of the house")
struct SwiftHouseTests {
    private let files = SourceTree.swiftFiles

    private func expectNone(_ findings: [Finding]) {
        #expect(findings.isEmpty, "\(findings.map { "\n" + $0.description }.joined())")
    }

    @Test("the tree is found")
    func found() { #expect(files.contains { $0.path.hasPrefix("Sources/MartletStore/") }) }

    @Test("files have at most 500 lines, the median of the sources at most 150")
    func fileSizes() {
        expectNone(files.flatMap(SizeRules.file))
        expectNone(SizeRules.median(files.filter { $0.path.hasPrefix("Sources/") }))
    }

    @Test("functions have at most 70 lines")
    func functionSizes() { expectNone(files.flatMap(SizeRules.functions)) }

    @Test("lines have at most 100 columns")
    func columns() { expectNone(files.flatMap(SizeRules.columns)) }

    @Test("nothing is forced: no try!, as!, unwrap or implicitly unwrapped type")
    func bangs() { expectNone(files.flatMap(SafetyRules.bangs)) }

    @Test("a fatal error says why")
    func fatalErrors() { expectNone(files.flatMap(SafetyRules.fatalErrors)) }

    @Test("what the compiler cannot check has its proof right above it")
    func unchecked() { expectNone(files.flatMap(SafetyRules.unchecked)) }

    @Test("type names say what the type is")
    func names() { expectNone(files.flatMap(NameRules.types)) }

    @Test("imports follow the arrows between modules")
    func imports() { expectNone(files.flatMap(ImportRules.check)) }

    @Test("the engine's folders name only what lies below them")
    func folders() { expectNone(FolderRules.check(files)) }

    @Test("clock, randomness, files and threads are reached through their doors")
    func doors() { expectNone(files.flatMap(DoorRules.check)) }

    @Test("nobody sleeps: events are waited for, and one function asks again and again")
    func naps() { expectNone(files.flatMap(DoorRules.naps)) }

    @Test("swift format has nothing to say")
    func format() throws {
        let lint = ["swift", "format", "lint", "--strict"] + files.map(\.path)
        let (status, output) = try ChildProcess.run(lint, in: SourceTree.shared.root)
        #expect(status == 0, "\(output)")
    }
}
