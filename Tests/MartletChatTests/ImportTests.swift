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
            _ = IRCLine(String(decoding: some, as: UTF8.self))
        }
    }

    /// A folder of logs, removed at the end.
    final class Folder {
        let path =
            FileManager.default.temporaryDirectory.path + "/martlet-logs-\(UUID().uuidString)"

        init(_ files: [String: Data]) throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            for (name, data) in files {
                try data.write(to: URL(fileURLWithPath: path + "/" + name))
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test("a second import stores nothing, and both leave the same verified store")
    func twice() async throws {
        let fixture = try ChatFixture()
        var data = Data(Self.log.utf8)
        data.append(contentsOf: Array("\n[02:00] <ann> bad \u{e9}".utf8.dropLast(1)))
        data.append(contentsOf: [0x0a] + Array(repeating: 0x78, count: 40_000))
        let folder = try Folder(["2004-12-31.log": data])
        for round in 1...2 {
            let summary = try IRCImporter(fixture.chat).run([folder.path])
            #expect(summary.messages == 7)
            #expect(summary.new == (round == 1 ? 7 : 0))
            #expect(summary.alreadyThere == 7 - summary.new)
            #expect(summary.newUsers == (round == 1 ? 4 : 0))
            #expect(summary.channels == 1)
            #expect(summary.repairedLines == 1)
            #expect(
                summary.skipped == [
                    "server line": 1, "action": 1, "odd": 2, "blank": 1,
                    "too long": 1,
                ])
            let report = try fixture.verify()
            #expect(report.errors == [])
            #expect([report.groupMessages, report.notices] == [7, 4])
            // The channel's user has an event of the group's making, and everybody one of the end.
            #expect([report.groups, report.members, report.inboxEvents] == [1, 4, 5])
            try fixture.reopen()
        }
        let birds = try fixture.users("#birds")[0]
        let page = try await fixture.history(birds, IRCImporter.group("#birds"), limit: 20)
        let notices = page.messages.map(\.notice?.kind).prefix(5)
        #expect(notices == [.created, .added, .added, .added, nil])
        let messages = page.messages.filter { $0.notice == nil }
        #expect(
            messages.map(\.text) == [
                "hello all", "ann: hi there", "BEA, and you?", "nobody: not here", "odd nick", "",
                "bad \u{fffd}",
            ])
        // 2004-12-31 23:58 and 2005-01-01 00:01 UTC.
        #expect(
            [messages[0].sentAt, messages[3].sentAt] == [
                1_104_537_480_000_000, 1_104_537_660_000_000,
            ])
    }

    @Test("members are those who speak, from the first file on in which they do; all is read")
    func membership() async throws {
        let fixture = try ChatFixture()
        let folder = try Folder([
            "1.log": Data("[01:00] <ann> one\n[01:00] <bea> two\n".utf8),
            "2.log": Data("[01:00] <cid> three\n[01:00] <ann> four\n".utf8),
        ])
        let summary = try IRCImporter(fixture.chat, channel: "#nest").run([folder.path])
        #expect(summary.new == 4)
        let users = try fixture.users("#nest", "ann", "cid")
        let group = IRCImporter.group("#nest")
        let own = try await fixture.summary(users[0], group)
        #expect(own.name == "#nest" && own.group?.role == .owner && own.group?.members == 4)
        for user in users {
            #expect(try await fixture.summary(user, group).unread == 0)
            let last = try await fixture.events(user).events.last
            guard case .message(let message)? = last?.kind else {
                Issue.record("no event")
                continue
            }
            #expect(message.text == "four" && message.conversation == group)
        }
        // Cid came with the second file.
        let seen = try await fixture.history(users[2], group, limit: 10).messages
        #expect(seen.map(\.text) == ["", "three", "four"])
    }

    @Test("who has left is not brought back, and what they say later is not stored")
    func left() async throws {
        let fixture = try ChatFixture()
        let group = IRCImporter.group("#irc")
        let first = try Folder(["1.log": Data("[01:00] <ann> one\n[01:00] <bea> two".utf8)])
        _ = try IRCImporter(fixture.chat).run([first.path])
        let users = try fixture.users("ann", "bea")
        _ = try await fixture.leave(users[0], group)
        let second = try Folder(["2.log": Data("[01:00] <ann> three\n[01:00] <bea> four".utf8)])
        let summary = try IRCImporter(fixture.chat).run([first.path, second.path])
        #expect(summary.skipped == ["has left": 1])
        #expect(summary.new == 1 && summary.alreadyThere == 2)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a channel with more members than a group may have is refused")
    func full() throws {
        let fixture = try ChatFixture { $0.groupMembers = 2 }
        let folder = try Folder(["1.log": Data("[01:00] <ann> one\n[01:00] <bea> two".utf8)])
        let error = #expect(throws: ChatError.self) {
            try IRCImporter(fixture.chat).run([folder.path])
        }
        #expect(error?.code == .tooLarge)
        #expect(try fixture.verify().errors == [])
    }
}
