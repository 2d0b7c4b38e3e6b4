import Logging
import Synchronization
import Testing

@testable import martlet

@Suite("Log lines") struct LineLogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func line(
        _ format: LineLogHandler.Format, _ level: Logger.Level = .info,
        _ body: (Logger) -> Void
    ) -> [String] {
        let lines = Lines()
        let logger = Logger(label: "test") { label in
            LineLogHandler(label: label, level: level, format: format) { line in
                lines.all.withLock { $0.append(line) }
            }
        }
        body(logger)
        return lines.all.withLock { $0 }
    }

    @Test("are one line each, whatever is in them")
    func oneLine() {
        let text = line(.text) { $0.info("a\nb \"c\"", metadata: ["connection": "7"]) }
        #expect(text.count == 1)
        #expect(
            text[0].hasSuffix(#"level=info logger=test message="a\nb \"c\"" connection=7"# + "\n"))
        #expect(text[0].hasPrefix("time=2"))
        let json = line(.json) { $0.error("a\nb", metadata: ["x\u{1}": "\\"]) }
        #expect(
            json[0].hasSuffix(
                #""level":"error","logger":"test","message":"a\nb","x\u0001":"\\"}"# + "\n"))
        #expect(json[0].dropLast().allSatisfy { !$0.isNewline })
    }

    @Test("below the level are not written")
    func level() {
        #expect(line(.text, .warning) { $0.info("no") }.isEmpty)
        #expect(line(.text, .warning) { $0.error("yes") }.count == 1)
    }

    @Test("do not hold what is named like a secret")
    func secrets() {
        let lines = line(.json) {
            $0.info("x", metadata: ["token": "abc", "Authorization": "Bearer abc", "user": "u"])
        }
        #expect(!lines[0].contains("abc"))
        #expect(lines[0].contains(#""user":"u""#))
    }

    @Test("carry times as RFC 3339 has them")
    func times() {
        #expect(Timestamp.text(of: 0) == "1970-01-01T00:00:00.000000Z")
        #expect(Timestamp.text(of: 1_709_210_096_000_042) == "2024-02-29T12:34:56.000042Z")
    }
}
