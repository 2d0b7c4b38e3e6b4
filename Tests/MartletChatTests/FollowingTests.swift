import Foundation
import MartletStore
import Synchronization
import Testing

@testable import MartletChat

/// What a follower's chat told.
private final class FollowedNews: Sendable {
    private let deliveries = Mutex<[Delivery]>([])
    private let ends = Mutex<[SessionEnd]>([])

    /// Hears all that is told of these users.
    func listen(to chat: ChatService, _ users: [UserID]) {
        let wanted = Set(users)
        chat.setAudience({ wanted.contains($0) }, missed: { _ in })
        chat.setObserver { told in self.deliveries.withLock { $0 += told } }
        chat.setSessionObserver { end in self.ends.withLock { $0.append(end) } }
    }

    func seqs(of user: UserID) -> [UInt64] {
        deliveries.withLock { $0.filter { $0.user == user }.map(\.event.seq) }
    }

    func texts(of user: UserID) -> [String] {
        deliveries.withLock { told in
            told.compactMap { delivery in
                guard delivery.user == user, case .message(let message) = delivery.event.kind else {
                    return nil
                }
                return message.text
            }
        }
    }

    var ended: [SessionEnd] { ends.withLock { $0 } }

    /// Waits until it is so, at most half a minute.
    static func wait(_ isTrue: () -> Bool) async throws -> Bool {
        for _ in 0..<3_000 {
            if isTrue() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

@Suite("The chat on a follower") struct FollowingTests {
    private let fixture: ChatFixture
    private let ann: UserID
    private let bea: UserID

    init() throws {
        fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        (ann, bea) = (users[0], users[1])
    }

    @Test("tells what its primary stored: each event once, in the order of the inbox")
    func events() async throws {
        for number in 0..<5 { _ = try await fixture.send(ann, bea, "early \(number)") }
        let copy = try FollowerChat(of: fixture)
        let heard = FollowedNews()
        heard.listen(to: copy.chat, [bea])
        // More than a page of it in one go, and then one by one.
        for number in 0..<250 { _ = try await fixture.send(ann, bea, "\(number)") }
        try copy.ship()
        for number in 250..<260 {
            _ = try await fixture.send(ann, bea, "\(number)")
            try copy.ship()
        }
        let isWhole = try await FollowedNews.wait { heard.seqs(of: bea).count >= 260 }
        #expect(isWhole)
        #expect(heard.seqs(of: bea) == Array(6...265))
        #expect(heard.texts(of: bea) == (0..<260).map(String.init))
        #expect(heard.seqs(of: ann).isEmpty)
    }

    @Test("serves pages of what it has applied, and says of which position they are")
    func pages() async throws {
        _ = try await fixture.send(ann, bea, "one")
        let copy = try FollowerChat(of: fixture)
        #expect(copy.chat.position == fixture.store.lastLogged)
        _ = try await fixture.send(ann, bea, "two")
        let user = bea
        let start = { () async throws in
            try await value { copy.chat.start(user: user, completion: $0) }
        }
        #expect(try await start().conversations.first?.messages.map(\.text) == ["one"])
        try copy.ship()
        // A page that was remembered would be the old one.
        #expect(try await start().conversations.first?.messages.map(\.text) == ["one", "two"])
        #expect(copy.chat.position == fixture.store.lastLogged)
        #expect(copy.chat.epoch == fixture.chat.epoch)
    }

    @Test("keeps a cursor that is ahead of it")
    func ahead() async throws {
        _ = try await fixture.send(ann, bea, "one")
        let copy = try FollowerChat(of: fixture)
        _ = try await fixture.send(ann, bea, "two")
        let user = bea
        let page = try await value { copy.chat.events(user: user, after: 2, completion: $0) }
        #expect(page.cursor.seq == 2)
        #expect(page.events.isEmpty && !page.limited)
        // Of an epoch that it has not heard of, too: that may be of a term still to come.
        #expect(
            await code { copy.chat.latestCursor(user: user, insteadOf: 77, completion: $0) }
                == .unavailable)
        let first = try await value { copy.chat.latestCursor(user: user, completion: $0) }
        #expect(first.seq == 1)
        let epoch = copy.chat.epoch
        let own = try await value {
            copy.chat.latestCursor(user: user, insteadOf: epoch, completion: $0)
        }
        #expect(own == first)
    }

    @Test("writes nothing, whatever is asked, and says why")
    func refusals() async throws {
        let session = try await value {
            fixture.chat.register(name: "cid", password: "correct horse", completion: $0)
        }
        let copy = try FollowerChat(of: fixture)
        let chat = copy.chat
        let (ann, bea) = (ann, bea)
        let before = (copy.store.lastLogged, copy.store.visibleSequence)
        let token = try #require(session.token)
        let device = try #require(session.device)
        let codes = [
            await code {
                chat.send(
                    from: ann, to: ConversationID(with: bea), text: "x", clientMessageID: "1",
                    completion: $0)
            },
            await code {
                chat.markRead(
                    user: ann, conversation: ConversationID(with: bea), upTo: 1, completion: $0)
            },
            await code {
                chat.createGroup(
                    user: ann, name: "g", members: [bea], clientMessageID: "2", completion: $0)
            },
            await code { chat.register(name: "dan", password: "correct horse", completion: $0) },
            await code { chat.logIn(name: "cid", password: "correct horse", completion: $0) },
            await code { chat.logOut(token: token, completion: $0) },
            await code {
                chat.revokeDevice(user: session.user, device: device, completion: $0)
            },
            await code { chat.setDisabled(user: ann, disabled: true, completion: $0) },
        ]
        #expect(codes.allSatisfy { $0 == .readOnly }, "\(codes)")
        #expect(chat.writeRefusal?.code == .readOnly)
        // Who has a token is let in.
        let again = try await value { chat.authenticate(token: token, completion: $0) }
        #expect(again.user == session.user)
        #expect((copy.store.lastLogged, copy.store.visibleSequence) == before)
    }

    @Test("knows at once what its primary has ended: tokens, names, accounts")
    func ends() async throws {
        let session = try await value {
            fixture.chat.register(name: "cid", password: "correct horse", completion: $0)
        }
        let token = try #require(session.token)
        let copy = try FollowerChat(of: fixture)
        let heard = FollowedNews()
        heard.listen(to: copy.chat, [session.user])
        _ = try await value { copy.chat.authenticate(token: token, completion: $0) }
        _ = try await value { copy.chat.findUser(name: "cid", completion: $0) }

        try await value { fixture.chat.logOut(token: token, completion: $0) }
        try copy.ship()
        #expect(
            heard.ended == [
                SessionEnd(user: session.user, device: session.device, cause: .revoked)
            ])
        #expect(
            await code { copy.chat.authenticate(token: token, completion: $0) } == .unauthorized)

        let user = session.user
        try await value { fixture.chat.deleteUser(user, completion: $0) }
        try copy.ship()
        #expect(heard.ended.last == SessionEnd(user: user, device: nil, cause: .deleted))
        #expect(
            await code { copy.chat.findUser(name: "cid", completion: $0) } == .notFound)
    }

    @Test("is not opened where its primary has made no tables yet")
    func empty() throws {
        let bare = fixture.directory + "-bare"
        defer { try? FileManager.default.removeItem(atPath: bare) }
        let store = try Store.open(at: bare)
        var options = fixture.options
        options.isReadOnly = true
        #expect(throws: StoreError.self) { _ = try ChatService.open(store, options: options) }
        #expect(store.tables.isEmpty)
        try store.close()
    }
}
