import Testing

@testable import MartletChat

@Suite("Reading")
struct ReadingTests {
    struct Shape: Equatable {
        var numbers: [UInt64]
        var hasMore: Bool
    }

    @Test("history pages go both ways and say whether there is more")
    func history() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        for index in 1...25 {
            _ = try await fixture.send(users[index % 2], users[1 - index % 2], "\(index)")
        }
        func page(_ range: HistoryRange) async throws -> Shape {
            let page = try await fixture.history(users[0], users[1], range, limit: 10)
            return Shape(
                numbers: page.messages.map(\.number), hasMore: page.hasMore)
        }
        #expect(try await page(.newest) == Shape(numbers: Array(16...25), hasMore: true))
        #expect(try await page(.before(16)) == Shape(numbers: Array(6...15), hasMore: true))
        #expect(try await page(.before(6)) == Shape(numbers: Array(1...5), hasMore: false))
        #expect(try await page(.before(1)) == Shape(numbers: [], hasMore: false))
        #expect(try await page(.after(0)) == Shape(numbers: Array(1...10), hasMore: true))
        #expect(try await page(.after(15)) == Shape(numbers: Array(16...25), hasMore: false))
        #expect(try await page(.after(25)) == Shape(numbers: [], hasMore: false))
        let messages = try await fixture.history(users[0], users[1], .newest, limit: 2).messages
        let own = messages.map { $0.sender == users[0] }
        #expect(messages.map { $0.clientMessageID != nil } == own)
    }

    @Test("receipts are monotone, unread follows, and both sides get their events")
    func receipts() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = (try fixture.users("ann")[0], try fixture.users("bea")[0])
        let chat = fixture.chat
        for index in 1...5 { _ = try await fixture.send(ann, bea, "\(index)") }
        func read(_ upTo: UInt64) async throws -> UInt64 {
            try await value {
                chat.markRead(
                    user: bea, conversation: ConversationID(with: ann), upTo: upTo,
                    completion: $0)
            }
        }
        func summary(_ user: UserID) async throws -> ConversationSummary? {
            let page: ConversationPage = try await value {
                chat.conversations(user: user, completion: $0)
            }
            return page.conversations.first
        }
        #expect(try await summary(bea)?.unread == 5)
        let delivered: UInt64 = try await value {
            chat.markDelivered(
                user: bea, conversation: ConversationID(with: ann), upTo: 4, completion: $0)
        }
        #expect(delivered == 4)
        #expect(try await read(3) == 3)
        #expect(try await read(2) == 3)
        #expect(try await summary(bea)?.unread == 2)
        #expect(try await read(99) == 5)
        #expect(try await read(.max) == 5)
        let mine = try #require(try await summary(ann))
        #expect([mine.unread, mine.peerRead, mine.peerDelivered, mine.last] == [0, 5, 5, 5])
        #expect(mine.name == "bea" && mine.lastMessage?.text == "5")
        let toAnn = try await fixture.events(ann, after: 5).events.map(\.kind)
        let withBea = ConversationID(with: bea)
        #expect(
            toAnn == [
                .delivered(withBea, upTo: 4), .read(withBea, upTo: 3, by: .peer),
                .read(withBea, upTo: 5, by: .peer),
            ])
        let toBea = try await fixture.events(bea, after: 5).events.map(\.kind)
        let withAnn = ConversationID(with: ann)
        #expect(
            toBea == [.read(withAnn, upTo: 3, by: .own), .read(withAnn, upTo: 5, by: .own)])
        #expect(try fixture.verify().errors == [])
    }

    @Test("a page of events that is not the last is limited and says how far behind it is")
    func limited() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        for index in 1...30 { _ = try await fixture.send(users[0], users[1], "\(index)") }
        var page = try await fixture.events(users[1], limit: 20)
        #expect(page.limited && page.behind == 10 && page.cursor.seq == 20)
        page = try await fixture.events(users[1], after: 20, limit: 20)
        #expect(!page.limited && page.events.map(\.seq) == Array(21...30))
        page = try await fixture.events(users[1], after: 99)
        #expect(page.events.isEmpty && page.cursor.seq == 30)
        let latest: InboxCursor = try await value { [chat = fixture.chat] in
            chat.latestCursor(user: users[1], completion: $0)
        }
        #expect(latest == InboxCursor(epoch: fixture.chat.epoch, seq: 30))
    }
}
