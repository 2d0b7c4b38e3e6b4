import MartletStore
import Testing

@testable import MartletChat

@Suite("Deleting an account")
struct DeletionTests {
    private func rows(_ fixture: ChatFixture, of user: UserID) throws -> [String] {
        try fixture.chat.deletion.owned.filter { family in
            try fixture.store.scan(family, .prefix(ChatKeys.user(user))).next() != nil
        }.map(\.table)
    }

    private func exchange(_ fixture: ChatFixture) async throws -> (Session, Session) {
        let ann = try await fixture.register("ann")
        let bea = try await fixture.register("bea")
        for index in 0..<5 {
            _ = try await fixture.send(ann.user, bea.user, "to bea \(index)")
            _ = try await fixture.send(bea.user, ann.user, "to ann \(index)")
        }
        _ = try await fixture.send(ann.user, ann.user, "to myself")
        return (ann, bea)
    }

    @Test("nothing of the user is left, the peer keeps the copies, and the name is free")
    func deletion() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        let before = try await fixture.events(bea.user)
        let ends = fixture.recordEnds()
        try await fixture.delete(ann.user)
        #expect(ends.all == [SessionEnd(user: ann.user, device: nil, cause: .deleted)])
        for _ in 0..<2 {
            #expect(try rows(fixture, of: ann.user) == [])
            #expect(try await !fixture.accepts(ann.token))
            #expect(try await fixture.events(bea.user) == before)
            let report = try fixture.verify()
            #expect(report.errors == [])
            #expect(report.users == 1 && report.deletedUsers == 1 && report.names == 1)
            try fixture.reopen()
        }
        let again = try await fixture.register("ann")
        #expect(again.user != ann.user)
        #expect(try await fixture.events(again.user).events.isEmpty)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a deleted user is found no more and gets no messages; a second deletion finds nobody")
    func gone() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        try await fixture.delete(ann.user)
        let chat = fixture.chat
        let refusals = [
            await code { chat.findUser(name: "ann", completion: $0) },
            await code { chat.userName(ann.user, completion: $0) },
            await code {
                chat.send(
                    from: bea.user, to: ConversationID(with: ann.user), text: "x",
                    clientMessageID: "1", completion: $0)
            },
            await code { chat.deleteUser(ann.user, completion: $0) },
            await code { chat.setDisabled(user: ann.user, disabled: false, completion: $0) },
        ]
        #expect(refusals.allSatisfy { $0 == .notFound })
        let login = await code {
            chat.logIn(name: "ann", password: "correct horse", completion: $0)
        }
        #expect(login == .unauthorized)
    }

    @Test("a deletion that was cut is finished at the next start", arguments: [false, true])
    func cut(afterSweep: Bool) async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        #expect(try fixture.chat.deletion.mark(ann.user) != nil)
        if afterSweep { try fixture.chat.deletion.sweep(ann.user) }
        // Meanwhile the user is gone for everybody, but the name is not free.
        #expect(try await !fixture.accepts(ann.token))
        let taken = await code { [chat = fixture.chat] in
            chat.register(name: "Ann", password: "correct horse", completion: $0)
        }
        #expect(taken == .nameTaken)
        #expect(throws: StoreError.self) { try fixture.users("ann") }
        #expect(try fixture.verify().errors == [])
        try fixture.reopen()
        #expect(try rows(fixture, of: ann.user) == [])
        #expect(try fixture.verify().errors == [])
        #expect(try await fixture.register("ann").user != ann.user)
        #expect(try await fixture.accepts(bea.token))
    }

    @Test("what comes in late is swept as well, when the call is repeated")
    func late() async throws {
        let fixture = try ChatFixture()
        let (ann, _) = try await exchange(fixture)
        #expect(try fixture.chat.deletion.mark(ann.user) != nil)
        try fixture.chat.deletion.sweep(ann.user)
        let schema = try ChatSchema(fixture.store)
        var batch = WriteBatch()
        let value = InboxValue(
            kind: .delivered, conversation: ConversationID(with: ann.user), number: 1)
        try batch.set(schema.inbox, ChatKeys.inbox(ann.user, 99), value.encoded())
        try fixture.store.write(batch)
        try await fixture.delete(ann.user)
        #expect(try rows(fixture, of: ann.user) == [])
        #expect(try fixture.verify().errors == [])
    }

    @Test("an import after a deletion makes another user of the same name")
    func imported() async throws {
        let fixture = try ChatFixture()
        let first = try fixture.users("ann")[0]
        try await fixture.delete(first)
        let second = try fixture.users("ann")[0]
        #expect(first != second)
        #expect(try fixture.users("ann")[0] == second)
    }
}
