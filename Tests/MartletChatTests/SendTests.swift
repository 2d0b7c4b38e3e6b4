import MartletStore
import Testing

@testable import MartletChat

@Suite("Sending")
struct SendTests {
    @Test("numbers and seqs have neither gap nor double under concurrent senders")
    func concurrentSenders() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid", "dan")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, user) in users.enumerated() {
                group.addTask {
                    for round in 0..<100 {
                        let peer = users[(index + 1 + round % 3) % 4]
                        _ = try await fixture.send(user, peer, "\(round)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let report = try fixture.verify()
        #expect(report.errors == [])
        #expect(report.messages == 400)
        #expect(report.inboxEvents == 800)
        #expect(report.conversations == 6)
        #expect(report.sends == 400)
    }

    @Test("a sender's messages keep the order of the calls, and the observer hears it in order")
    func order() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let heard = Heard()
        fixture.chat.setObserver { deliveries in
            for delivery in deliveries where delivery.user == users[1] { heard.add(delivery.event) }
        }
        let all = AsyncStream<Result<SendReceipt, ChatError>>.makeStream()
        for index in 1...500 {
            fixture.chat.send(
                from: users[0], to: ConversationID(with: users[1]), text: "\(index)",
                clientMessageID: "\(index)", completion: { _ = all.continuation.yield($0) })
        }
        var count = 0
        for await result in all.stream {
            #expect(throws: Never.self) { try result.get() }
            count += 1
            if count == 500 { break }
        }
        let page = try await fixture.history(users[1], users[0], .newest, limit: 1_000)
        #expect(page.messages.map(\.text) == (1...500).map { "\($0)" })
        try fixture.reopen()
        #expect(heard.events.map(\.seq) == (1...500).map { UInt64($0) })
    }

    @Test("a repeated client message id answers the first result, also after reopening")
    func repeats() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let first = try await fixture.send(users[0], users[1], "one", "same")
        var again = try await fixture.send(users[0], users[1], "other text", "same")
        #expect(again.isDuplicate && !first.isDuplicate)
        again.isDuplicate = false
        #expect(again == first)
        // Another user's id is another id.
        #expect(try await !fixture.send(users[2], users[1], "two", "same").isDuplicate)
        try fixture.reopen()
        #expect(try await fixture.send(users[0], users[1], "one", "same").isDuplicate)
        #expect(try await fixture.send(users[0], users[1], "three", "next").number == 2)
        #expect(try fixture.verify().messages == 3)
    }

    @Test("repeats that meet their first under way wait for its result")
    func simultaneousRepeats() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let receipts = try await withThrowingTaskGroup(of: SendReceipt.self) { group in
            for _ in 0..<50 {
                group.addTask { try await fixture.send(users[0], users[1], "x", "same") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(receipts.count { !$0.isDuplicate } == 1)
        #expect(Set(receipts.map(\.number)) == [1])
    }

    @Test("a message to oneself has one copy and one event")
    func toOneself() async throws {
        let fixture = try ChatFixture()
        let ann = try fixture.users("ann")[0]
        _ = try await fixture.send(ann, ann, "note")
        let report = try fixture.verify()
        #expect(report.errors == [])
        #expect([report.messageCopies, report.messages, report.inboxEvents] == [1, 1, 1])
    }

    @Test("an unknown recipient, an empty text and a long one are refused")
    func refusals() async throws {
        let fixture = try ChatFixture()
        let ann = try fixture.users("ann")[0]
        let chat = fixture.chat
        func refused(_ peer: UserID, _ text: String, _ id: String) async -> ChatError.Code? {
            await code {
                chat.send(
                    from: ann, to: ConversationID(with: peer), text: text,
                    clientMessageID: id, completion: $0)
            }
        }
        #expect(await refused(UserID(rawValue: 7), "x", "1") == .notFound)
        #expect(await refused(ann, "", "1") == .badRequest)
        #expect(await refused(ann, "x", "") == .badRequest)
        #expect(await refused(ann, "x", String(repeating: "i", count: 65)) == .badRequest)
        #expect(await refused(ann, String(repeating: "x", count: 16_385), "1") == .tooLarge)
        #expect(await refused(ann, String(repeating: "x", count: 16_384), "1") == nil)
    }

    @Test("tiny caches and tiny commits change nothing")
    func tinyCaches() async throws {
        let fixture = try ChatFixture {
            $0.cacheEntries = 1
            $0.commitBytes = 1
        }
        let users = try fixture.chat.accounts.importUsers((0..<60).map { "u\($0)" }).users
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, user) in users.enumerated() {
                group.addTask {
                    for round in 1...10 {
                        let peer = users[(index + round) % users.count]
                        _ = try await fixture.send(user.user, peer.user, "x", "\(round)")
                        _ = try await fixture.send(user.user, peer.user, "x", "\(round)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let report = try fixture.verify()
        #expect(report.errors == [])
        #expect(report.messages == 600)
    }
}

/// The events that an observer was called with.
///
/// `@unchecked Sendable`: the only mutable state, `heard`, is read and written under `monitor`, and
/// the array that is handed out is a copy.
final class Heard: @unchecked Sendable {
    private let monitor = Monitor()
    private var heard: [InboxEvent] = []

    var events: [InboxEvent] { monitor.withLock { heard } }

    func add(_ event: InboxEvent) {
        monitor.withLock { heard.append(event) }
    }
}
