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

    @Test("the peer still reads what there was, and a stranger finds nobody")
    func remaining() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        let eve = try await fixture.register("eve")
        try await fixture.delete(ann.user)
        let page = try await fixture.history(bea.user, ann.user, .newest, limit: 3)
        #expect(page.messages.count == 3 && page.hasMore)
        let stranger = await code { [chat = fixture.chat] in
            chat.history(
                user: eve.user, conversation: ConversationID(with: ann.user), completion: $0)
        }
        #expect(stranger == .notFound)
    }

    @Test("the peer clears what is unread; nothing of it is written for the deleted, or told")
    func unread() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        let named = ConversationID(with: ann.user)
        try await fixture.deliver(bea.user, named, upTo: 9)
        _ = try await fixture.send(ann.user, bea.user, "the last one")
        try await fixture.delete(ann.user)
        for round in 0..<2 {
            #expect(try await fixture.deliver(bea.user, named, upTo: 11) == 11)
            #expect(try await fixture.read(bea.user, named, upTo: .max) == 11)
            let page = try await value { [chat = fixture.chat] in
                chat.conversations(user: bea.user, limit: 5, completion: $0)
            }
            #expect(page.conversations.map(\.unread) == [0], "round \(round)")
            #expect(try rows(fixture, of: ann.user) == [])
            #expect(try fixture.verify().errors == [])
            try fixture.reopen()
        }
        let last = try await fixture.kinds(bea.user).last
        #expect(last == .read(named, upTo: 11, by: .own))
        try await fixture.deleteForMe(bea.user, named, 11)
        #expect(try await fixture.history(bea.user, named).messages.last?.removal == .forMe)
        #expect(try rows(fixture, of: ann.user) == [])
    }

    @Test("a deleted user leaves every group, to whose messages nothing happens")
    func groups() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        let chat = fixture.chat
        let made = try await value {
            chat.createGroup(
                user: ann.user, name: "g", members: [bea.user], clientMessageID: "g",
                completion: $0)
        }
        let group = made.conversation
        let kept = try await value {
            chat.send(
                from: ann.user, to: group, text: "stays", clientMessageID: "k", completion: $0)
        }
        try await fixture.delete(ann.user)
        let members = try await value { chat.members(user: bea.user, group: group, completion: $0) }
        #expect(members.members.map(\.user) == [bea.user])
        #expect(members.members.map(\.role) == [.owner])
        let page = try await value {
            chat.history(user: bea.user, conversation: group, completion: $0)
        }
        #expect(page.messages.contains { $0.number == kept.number && $0.text == "stays" })
        #expect(page.messages.last?.notice?.kind == .left)
        #expect(try rows(fixture, of: ann.user) == [])
        #expect(try fixture.verify().errors == [])
    }

    @Test("nobody can send to a deleted user whom the ledger knows, nor can the user go on")
    func cached() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        let chat = fixture.chat
        try await fixture.delete(ann.user)
        for round in 0..<2 {
            let (from, to) = round == 0 ? (bea.user, ann.user) : (ann.user, bea.user)
            let refusal = await code {
                chat.send(
                    from: from, to: ConversationID(with: to), text: "x",
                    clientMessageID: "late", completion: $0)
            }
            #expect(refusal == (round == 0 ? .notFound : .unauthorized))
        }
        #expect(try rows(fixture, of: ann.user) == [])
    }

    @Test("relations, settings, mutes and the last seen go with the account")
    func people() async throws {
        let fixture = try ChatFixture()
        let (ann, bea) = try await exchange(fixture)
        let chat = fixture.chat
        let other = ConversationID(with: bea.user)
        _ = try await value {
            chat.changeRelation(
                user: ann.user, other: bea.user, action: .block, completion: $0)
        }
        var change = SettingsChange()
        change.receipts = false
        let settings = change
        _ = try await value { chat.change(settings: settings, of: ann.user, completion: $0) }
        _ = try await value {
            chat.mute(user: ann.user, conversation: other, until: 5, completion: $0)
        }
        let _: Void = try await value {
            chat.recordSeen([LastSeen(user: ann.user, at: 7)], completion: $0)
        }
        let tables = Set(try rows(fixture, of: ann.user))
        #expect(tables.isSuperset(of: ["relations", "settings", "mutes", "seen"]))
        try await fixture.delete(ann.user)
        #expect(try rows(fixture, of: ann.user) == [])
        let _: Void = try await value {
            chat.recordSeen([LastSeen(user: ann.user, at: 8)], completion: $0)
        }
        #expect(try rows(fixture, of: ann.user) == [], "the last seen came late")
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
