import Foundation
import Testing

@testable import MartletChat

@Suite("The tables of who may do what")
struct AuthorizationTests {
    /// What names nothing that belongs to others: it is about the user who asks, or the operator's.
    static let ownAffairs: Set<String> = [
        "applied", "authenticate", "change", "close", "contacts", "conversations", "deleteUser",
        "events",
        "findUser", "hasEnded", "latestCursor", "listAccounts", "logIn", "logOut", "openSession",
        "register", "setAudience", "setDisabled", "setFailedObserver", "setObserver",
        "setSessionObserver",
        "settings", "start", "account", "accounts", "deviceClosed", "deviceOpened",
        "presenceOfContacts", "recordSeen", "subscribe", "unsubscribe",
    ]

    /// Who may see whether somebody is there: `PresenceTests` and `PeopleRulesTests` hold the
    /// rules.
    static let presence: Set<String> = [
        "groupReceipts", "presenceAudiences", "typingAudience", "visiblePresence",
    ]

    @Test("every method of the service is in a table, or names nothing of others")
    func methods() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/MartletChat").standardizedFileURL
        let walk = try #require(
            FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        var methods: Set<String> = []
        for case let file as URL in walk where file.lastPathComponent.hasPrefix("ChatService") {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let parts = line.split(separator: "public func ")
                guard parts.count == 2, let name = parts[1].split(separator: "(").first else {
                    continue
                }
                methods.insert(String(name))
            }
        }
        #expect(methods.count > 30)
        let rows =
            GroupAuthorizationTests.table.rows + PairAuthorizationTests.table.rows
            + DeviceAuthorizationTests.table.rows
        let known = Set(rows.map(\.method)).union(Self.ownAffairs)
            .union(Self.presence)
        #expect(methods.subtracting(known) == [], "put them into a table")
        #expect(known.subtracting(methods) == [], "there is no such method any more")
    }
}
