import MartletStore
import Testing

@testable import MartletChat

@Suite("Starting a device")
struct StartTests {
    @Test("the last 15 messages of the last 5 conversations come in one page, the latest first")
    func page() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "b1", "b2", "b3", "b4", "b5", "b6")
        for peer in users[1...] {
            for index in 1...20 { _ = try await fixture.send(peer, users[0], "\(index)") }
        }
        let page = try await fixture.start(users[0])
        #expect(page.conversations.map(\.summary.name) == ["b6", "b5", "b4", "b3", "b2"])
        #expect(page.conversations.allSatisfy { $0.messages.count == 15 && $0.hasMore })
        #expect(page.conversations[0].messages.map(\.text) == (6...20).map { "\($0)" })
        #expect(page.hasMore)
        #expect(page.cursor.seq == 120)
    }

    @Test("what memory says is what the store says, whatever happened since", arguments: 0..<30)
    func warm(_ seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid", "dan", "eve", "fay", "gus")
        for _ in 0..<120 {
            let (one, other) = (Int(random.next() % 7), Int(random.next() % 7))
            let to = ConversationID(with: users[other])
            switch random.next() % 10 {
            case 0...4: _ = try await fixture.send(users[one], users[other], "x")
            case 5:
                _ = try? await value { [chat = fixture.chat] in
                    chat.markRead(
                        user: users[one], conversation: to, upTo: random.next() % 9,
                        completion: $0)
                }
            case 6:
                _ = try? await value { [chat = fixture.chat] in
                    chat.edit(
                        user: users[one], conversation: to, number: random.next() % 9, text: "y",
                        completion: $0)
                }
            case 7:
                _ = try? await value { [chat = fixture.chat] in
                    chat.deleteForMe(
                        user: users[one], conversation: to, number: random.next() % 9,
                        completion: $0)
                }
            default:
                let warm = try await fixture.start(users[one])
                let cold = try fixture.chat.recentReader.page(users[one])
                #expect(warm == cold, "seed \(seed)")
            }
        }
    }

    @Test("a page that no memory is left for is read again")
    func small() async throws {
        let fixture = try ChatFixture { $0.recentBytes = 2_000 }
        let users = try fixture.users("ann", "bea")
        _ = try await fixture.send(users[0], users[1], "hello")
        for user in users {
            let page = try await fixture.start(user)
            #expect(page.conversations.map(\.messages.count) == [1])
        }
    }
}

extension ChatFixture {
    func start(_ user: UserID) async throws -> StartPage {
        try await value { [chat] in chat.start(user: user, completion: $0) }
    }
}
