import Foundation
import MartletServer
import Testing

@Suite("The protocol's page tells the limits") struct LimitPageTests {
    private static let limits = ChatServerLimits()

    private static func number(_ value: Double) -> String {
        guard let whole = Int(exactly: value) else { return "\(value)" }
        return whole < 1_000
            ? "\(whole)"
            : "\(whole / 1_000),"
                + String("\(1_000 + whole % 1_000)".dropFirst())
    }

    /// What stands before the numbers, and the limit.
    static let rows: [(row: String, limit: RateLimit)] = [
        ("new connections | address", limits.connects),
        (
            "requests over HTTP, and on a socket before it is authenticated | address",
            limits.addressRequests
        ),
        ("`login` | address", limits.logins),
        ("`register` | address", limits.registers),
        ("all requests | user", limits.requests),
        ("`send`, `edit`, `delete` | user", limits.sends),
        (
            "`sync`, `start`, `history`, `conversations`, `group`, `members`, `names`, `contacts`, "
                + "`devices`, polls | user", limits.pages
        ),
        ("`delivered`, `read` | user", limits.receipts),
        ("`find` | user", limits.finds),
        ("`typing` | user", limits.typing),
        ("`presence`, `watch` | user", limits.presence),
        (
            "`create`, `rename`, `add`, `remove`, `leave`, `role`, `link`, `join`, `contact`, "
                + "`block`, `settings`, `mute`, `revoke`, `password`, `subscribe`, `unsubscribe` "
                + "| user", limits.changes
        ),
    ]

    @Test("as the server has them")
    func table() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/protocol/chat.md")
        let page = try String(contentsOf: path, encoding: .utf8)
        for (row, limit) in Self.rows {
            let line =
                "\n| \(row) | \(Self.number(Double(limit.burst))) "
                + "| \(Self.number(limit.perSecond)) |\n"
            #expect(page.contains(line), "\(line)")
        }
        let most = Self.number(Double(Self.limits.connectionsPerAddress))
        #expect(page.contains("\n| open connections | address | \(most) | |\n"))
        let refusals = Self.limits.refusals
        #expect(
            page.contains(
                "(\(refusals.burst) at once, then \(Self.number(refusals.perSecond)) each second)"))
        #expect(page.contains("\"frameBytes\":\(ProtocolLimits.frameBytes),"))
        #expect(page.contains("\"answerBytes\":\(ProtocolLimits.answerBytes),"))
    }
}
