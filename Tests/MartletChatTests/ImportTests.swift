import Foundation
import MartletStore
import Testing

@testable import MartletChat

@Suite("Importing IRC logs")
struct ImportTests {
    static let log = """
        === ann [~a@host]  has joined #birds
        [23:58] <ann> hello all
        [23:59] <Bea> ann: hi there
        [23:59] <ann> BEA, and you?
        [23:59]  * Bea sips a coffee
        [00:01] <ann> nobody: not here
        [00:01] <b[n] d> odd nick
        [00:02] <ann> \n
        [01:09] (cid/#birds) relayed
        [99:99] <ann> no time
        """

    @Test("every kind of line is told apart")
    func kinds() {
        #expect(
            IRCLine("[13:45] <dy_x> a: ctrl+d = EOF")
                == .message(minute: 825, nick: "dy_x", text: "a: ctrl+d = EOF"))
        #expect(
            IRCLine("[00:00] <bur[n] er> x")
                == .message(minute: 0, nick: "bur[n]er", text: "x"))
        #expect(IRCLine("[00:00] <a>") == .message(minute: 0, nick: "a", text: ""))
        #expect(IRCLine("[13:56]  * genii sips") == .action)
        #expect(IRCLine("* genii sips") == .action)
        #expect(IRCLine("=== x has joined #birds") == .server(channel: "#birds"))
        #expect(IRCLine("===") == .server(channel: nil))
        #expect(IRCLine("") == .blank)
        for odd in ["[13:56] -a:#b- x", "[1", "[24:00] <a> x", "[13:56] <a x", "[aa:bb] <a> x"] {
            #expect(IRCLine(odd) == .odd)
        }
        #expect(IRCLine.addressee("Bea: hi") == "Bea")
        #expect(IRCLine.addressee("Bea,") == "Bea")
        #expect(IRCLine.addressee("http://x") == nil)
        #expect(IRCLine.addressee("well bea: hi") == nil)
        #expect(IRCLine.addressee(": x") == nil)
    }

    @Test("cut and shaken lines never trap", arguments: 0..<20)
    func garbage(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let bytes = Array(Self.log.utf8)
        for _ in 0..<500 {
            let start = Int(random.next() % UInt64(bytes.count))
            var some = Array(bytes[start...].prefix(Int(random.next() % 60)))
            for index in some.indices where random.next() % 8 == 0 {
                some[index] = UInt8(truncatingIfNeeded: random.next())
            }
            let line = String(decoding: some, as: UTF8.self)
            _ = IRCLine(line)
            _ = IRCLine.addressee(line)
        }
    }

    @Test("a second import stores nothing, and both leave the same verified store")
    func twice() async throws {
        let fixture = try ChatFixture()
        let folder = fixture.directory + "-logs"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var data = Data(Self.log.utf8)
        data.append(contentsOf: Array("\n[02:00] <ann> bad \u{e9}".utf8.dropLast(1)))
        data.append(contentsOf: [0x0a] + Array(repeating: 0x78, count: 40_000))
        try data.write(to: URL(fileURLWithPath: folder + "/2004-12-31.log"))
        for round in 1...2 {
            let summary = try IRCImporter(fixture.chat).run([folder])
            #expect(summary.messages == 7)
            #expect(summary.new == (round == 1 ? 7 : 0))
            #expect(summary.alreadyThere == 7 - summary.new)
            #expect(summary.newUsers == (round == 1 ? 4 : 0))
            #expect(summary.addressed == 2)
            #expect(summary.repairedLines == 1)
            #expect(
                summary.skipped == [
                    "server line": 1, "action": 1, "odd": 2, "blank": 1,
                    "too long": 1,
                ])
            let report = try fixture.verify()
            #expect(report.errors == [])
            #expect(report.messages == 7)
            try fixture.reopen()
        }
        let users = try fixture.users("ann", "#birds")
        let page = try await fixture.history(users[1], users[0], .newest, limit: 10)
        #expect(page.messages.map(\.text) == ["hello all", "nobody: not here", "", "bad \u{fffd}"])
        // 2004-12-31 23:58 and 2005-01-01 00:01 UTC.
        #expect(
            page.messages.prefix(2).map(\.sentAt) == [1_104_537_480_000_000, 1_104_537_660_000_000])
    }
}
