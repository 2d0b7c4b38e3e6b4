import MartletStore
import Testing

@testable import MartletChat

@Suite("The outbox of pushes")
struct PushBoxTests {
    /// Two users; the second has a device that wants pushes.
    private func subscribed() async throws -> (ChatFixture, [UserID], DeviceID) {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let device = DeviceID(rawValue: 7)
        _ = try await fixture.send(users[0], users[1], "before")
        try fixture.chat.pushBox.subscribe(users[1], device, target: [1, 2], showsText: true)
        _ = try fixture.chat.pushBox.load()
        return (fixture, users, device)
    }

    private func collect(_ fixture: ChatFixture, _ user: UserID) throws -> [StoredPush] {
        try fixture.chat.pushBox.collect(user) { due in
            StoredPush(id: due.id, dueAt: 5, state: [UInt8(due.number)])
        }
    }

    @Test("what came after the subscription is pushed once, the newest of each conversation")
    func news() async throws {
        let (fixture, users, device) = try await subscribed()
        #expect(try collect(fixture, users[1]).isEmpty)
        for text in ["one", "two"] { _ = try await fixture.send(users[0], users[1], text) }
        let id = PushID(
            user: users[1], device: device, conversation: ConversationID(with: users[0]))
        #expect(try collect(fixture, users[1]) == [StoredPush(id: id, dueAt: 5, state: [3])])
        #expect(try collect(fixture, users[1]).isEmpty)
        try fixture.reopen()
        let stored = try fixture.chat.pushBox.pending(from: 0, [], limit: 10)
        #expect(stored == [StoredPush(id: id, dueAt: 5, state: [3])])
        let content = try fixture.chat.pushBox.content(id, number: 3)
        #expect(content?.text == "two")
        #expect(content?.title == "ann")
        #expect(content?.unread == 3)
    }

    @Test("a message that a device has, that is muted, or one's own is not pushed")
    func unwanted() async throws {
        let (fixture, users, _) = try await subscribed()
        let toAnn = ConversationID(with: users[0])
        _ = try await fixture.send(users[0], users[1], "seen")
        _ = try await value { [chat = fixture.chat] in
            chat.markDelivered(user: users[1], conversation: toAnn, upTo: 2, completion: $0)
        }
        _ = try await fixture.send(users[1], users[0], "mine")
        #expect(try collect(fixture, users[1]).isEmpty)
        _ = try await value { [chat = fixture.chat] in
            chat.mute(
                user: users[1], conversation: toAnn, until: (1 << 53) - 1, completion: $0)
        }
        _ = try await fixture.send(users[0], users[1], "hush")
        #expect(try collect(fixture, users[1]).isEmpty)
    }

    @Test("a changed push moves in time; an older version of it changes nothing")
    func changes() async throws {
        let (fixture, users, _) = try await subscribed()
        _ = try await fixture.send(users[0], users[1], "one")
        let push = try #require(try collect(fixture, users[1]).first)
        let box = fixture.chat.pushBox
        let later = StoredPush(id: push.id, dueAt: 9, state: [9])
        try box.change(push.id, to: .store(later)) { $0 == [77] }
        #expect(try box.pending(from: 0, [], limit: 10) == [push])
        try box.change(push.id, to: .store(later)) { $0 == push.state }
        #expect(try box.pending(from: 0, [], limit: 10) == [later])
        try box.change(push.id, to: .bury(later)) { $0 == [9] }
        #expect(try box.pending(from: 0, [], limit: 10).isEmpty)
        #expect(try box.dead(after: nil, limit: 10).map(\.state) == [[9]])
        #expect(try box.takeDead(push.id) { _ in push } == .revived(push))
        #expect(try box.takeDead(push.id) { _ in nil } == .notThere)
        #expect(try box.pending(from: 0, [], limit: 10) == [push])
    }

    @Test("without its subscription nothing of a device is left in the outbox")
    func unsubscribed() async throws {
        let (fixture, users, device) = try await subscribed()
        _ = try await fixture.send(users[0], users[1], "one")
        _ = try collect(fixture, users[1])
        let box = fixture.chat.pushBox
        try box.unsubscribe(users[1], device, onlyIf: [3])
        #expect(try box.pending(from: 0, [], limit: 10).count == 1)
        try box.unsubscribe(users[1], device)
        #expect(try box.pending(from: 0, [], limit: 10).isEmpty)
        #expect(try collect(fixture, users[1]).isEmpty)
    }
}
