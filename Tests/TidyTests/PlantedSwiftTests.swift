import Testing

/// Each rule finds what is planted, and leaves alone what only looks like it.
@Suite("planted violations in Swift")
struct PlantedSwiftTests {
    private func file(_ text: String, path: String = "Sources/MartletStore/Log/A.swift")
        -> SwiftText
    {
        SwiftText(path: path, text: text)
    }

    private func lines(_ count: Int) -> String { String(repeating: "let a = 1\n", count: count) }

    @Test("a file of 501 lines, a median of 151")
    func sizes() {
        #expect(SizeRules.file(file(lines(501))).count == 1)
        #expect(SizeRules.file(file(lines(500))).isEmpty)
        #expect(SizeRules.median([file(lines(9)), file(lines(151)), file(lines(400))]).count == 1)
        #expect(SizeRules.median([file(lines(9)), file(lines(150)), file(lines(400))]).isEmpty)
    }

    @Test("a line of 101 columns")
    func columns() {
        #expect(SizeRules.columns(file(String(repeating: "x", count: 101))).count == 1)
        #expect(SizeRules.columns(file(String(repeating: "ü", count: 100))).isEmpty)
    }

    @Test("a function of 71 lines, whatever braces its strings hold")
    func functions() {
        let body = String(repeating: "    print(\"}\") // }\n", count: 69)
        #expect(SizeRules.functions(file("func f(\n) {\n" + body + "}\n")).count == 1)
        #expect(SizeRules.functions(file("func f() {\n" + body + "}\n")).count == 1)
        #expect(SizeRules.functions(file("func f() {\n" + body.dropFirst(20) + "}\n")).isEmpty)
        let requirement = "protocol P {\n  func f()\n  init(a: Int)\n}\nstruct S {\n"
        #expect(SizeRules.functions(file(requirement + body + "}\n")).isEmpty)
    }

    @Test("everything forced")
    func bangs() {
        let planted = [
            "let a = b!", "let a = b()!", "a[0]!.c = 1", "let a = try! b()", "a as! B",
            "var a: Int!", "var a: [Int]!", "let s = \"\\(a!)\"", "a! + b",
        ]
        for text in planted { #expect(SafetyRules.bangs(file(text)).count == 1, "\(text)") }
        let fine = [
            "a != b", "!a", "(!a)", "a!=b", "// a!", "\"a!\"", "#if !os(Linux)", "a && !b",
            "static prefix func ! (a: B) -> B",
        ]
        for text in fine { #expect(SafetyRules.bangs(file(text)).isEmpty, "\(text)") }
    }

    @Test("a fatal error without a word")
    func fatalErrors() {
        #expect(SafetyRules.fatalErrors(file("fatalError()")).count == 1)
        #expect(SafetyRules.fatalErrors(file("fatalError(\"the index is empty\")")).isEmpty)
    }

    @Test("an unchecked Sendable without proof")
    func unchecked() {
        let declaration = "@frozen\nfinal class A: @unchecked Sendable {}"
        let reason = String(repeating: "the lock is held. ", count: 5)
        #expect(SafetyRules.unchecked(file(declaration)).count == 1)
        #expect(SafetyRules.unchecked(file("/// Sendable: yes.\n" + declaration)).count == 1)
        #expect(SafetyRules.unchecked(file("/// \(reason)\n" + declaration)).count == 1)
        #expect(SafetyRules.unchecked(file("/// Sendable: \(reason)\n\n" + declaration)).count == 1)
        #expect(SafetyRules.unchecked(file("/// Sendable: \(reason)\n" + declaration)).isEmpty)
    }

    @Test("names that say nothing", arguments: ["FileManager2", "ByteUtils", "HelperOfX", "AImpl"])
    func names(name: String) {
        #expect(NameRules.types(file("struct \(name) {}")).count == 1)
        #expect(NameRules.types(file("struct Utility { let manager: Implication }")).isEmpty)
    }

    @Test("an import against the arrows")
    func imports() {
        #expect(ImportRules.check(file("import Foundation")).count == 1)
        #expect(ImportRules.check(file("internal import struct NIOCore.ByteBuffer")).count == 1)
        #expect(ImportRules.check(file("import Glibc\nimport CMartlet")).isEmpty)
        #expect(ImportRules.check(file("import Glibc", path: "Sources/New/A.swift")).count == 1)
    }

    @Test("a folder that names what lies above it, and a folder that nobody knows")
    func folders() {
        let table = file(
            "package struct TableReader {}", path: "Sources/MartletStore/Table/T.swift")
        let shell = file(
            "let a = TableReader()", path: "Sources/MartletStore/Engine/Store+Read.swift")
        #expect(FolderRules.check([table, file("let a: TableReader")]).count == 1)
        #expect(
            FolderRules.check([table, file("let a: Other.TableReader // TableReader")]).isEmpty)
        #expect(FolderRules.check([table, shell]).isEmpty)
        #expect(FolderRules.check([file("", path: "Sources/MartletStore/Misc/A.swift")]).count == 1)
    }

    @Test(
        "ways past the doors",
        arguments: [
            "time(nil)", "let d = Date()", "open(path, 0)", "Int.random(in: 0..<3)",
            "SystemRandomNumberGenerator()", "pthread_create(&t, nil, f, nil)", "print(1)",
            "try await Task.sleep(for: d)", "getrandom(p, 8, 0)", "FileManager.default",
        ])
    func doors(text: String) {
        #expect(DoorRules.check(file(text)).count == 1)
        let door = file(text, path: "Sources/MartletStore/Environment/A.swift")
        #expect(DoorRules.check(door).isEmpty || text.hasPrefix("print"))
    }

    @Test("a nap", arguments: ["usleep(10)", "sleep(1)", "nanosleep(&t, nil)"])
    func naps(text: String) {
        #expect(DoorRules.naps(file(text, path: "Tests/EndToEndTests/A.swift")).count == 1)
        #expect(DoorRules.naps(file(text, path: "Tests/Harness/Deadline.swift")).isEmpty)
        let fine = ["Task.sleep(for: d)", "func sleep() {}", "// usleep(1)"]
        for text in fine { #expect(DoorRules.naps(file(text)).isEmpty, "\(text)") }
    }

    @Test("members and declarations of the same name are no doors")
    func notDoors() {
        let fine = [
            "fileSystem.open(path)", "static func open(at path: String) {}", "let time = 1",
            "Int.random(in: 0..<3, using: &generator)",
        ]
        for text in fine { #expect(DoorRules.check(file(text)).isEmpty, "\(text)") }
    }
}
