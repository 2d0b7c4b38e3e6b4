import MartletStore
import Testing

@testable import MartletChat

@Suite("A send whose followers take too long") struct IndefiniteSendTests {
    private func ask(
        _ fixture: ReplicatedChat, _ users: [UserID], _ text: String, _ id: String
    ) async -> ChatError? {
        do {
            _ = try await fixture.send(users[0], users[1], text, id)
            return nil
        } catch {
            return error as? ChatError
        }
    }

    @Test("is answered so, seen by nobody, and one message with its repeats in the end")
    func repeated() async throws {
        let fixture = try ReplicatedChat(timeout: 150)
        let users = try fixture.chat.accounts.importUsers(["ann", "bea"]).users.map(\.user)
        _ = try await fixture.send(users[0], users[1], "before", "m-0")
        fixture.voice.silence()
        let first = await ask(fixture, users, "one", "m-1")
        #expect(first?.code == .indefinite && first?.isKept == false)
        #expect(first?.retryAfterMilliseconds != nil && first?.code.status == 504)
        #expect(try await fixture.texts(users[1], users[0]) == ["before"])
        // The same server: the repeat is decided on what waits, and waits itself.
        #expect(await ask(fixture, users, "one", "m-1")?.code == .indefinite)
        let read = await code { [chat = fixture.chat] in
            chat.markRead(
                user: users[1], conversation: ConversationID(with: users[0]), upTo: 1,
                completion: $0)
        }
        #expect(read == .indefinite)
        #expect(fixture.store.replication.timeouts >= 3)
        async let last = fixture.insist(users[0], users[1], "one", "m-1")
        fixture.voice.speak(of: fixture.store)
        let receipt = try await last
        #expect(receipt.isDuplicate && receipt.number == 2)
        #expect(try await fixture.texts(users[1], users[0]) == ["before", "one"])
        let report = try fixture.verify()
        #expect(report.errors == [] && report.messages == 2 && report.sends == 2)
    }

    @Test(
        "is found by its repeat after a restart; one that waited behind it too",
        arguments: [0, 1 << 20])
    func restarted(_ journal: Int) async throws {
        let fixture = try ReplicatedChat(timeout: 150) { $0.failedJournalBytes = journal }
        let users = try fixture.chat.accounts.importUsers(["ann", "bea"]).users.map(\.user)
        fixture.voice.silence()
        #expect(await ask(fixture, users, "one", "m-1")?.code == .indefinite)
        // Decided, and not even in the log.
        #expect(await ask(fixture, users.reversed(), "two", "m-2")?.code == .indefinite)
        try fixture.reopen()
        let one = try await fixture.insist(users[0], users[1], "one", "m-1")
        #expect(one.isDuplicate && one.number == 1)
        let two = try await fixture.insist(users[1], users[0], "two", "m-2")
        #expect(two.number == 2)
        #expect(try await fixture.texts(users[0], users[1]) == ["one", "two"])
        let report = try fixture.verify()
        #expect(report.errors == [] && report.messages == 2 && report.sends == 2)
    }

    @Test("is indefinite when the server stops meanwhile, and what was behind it is not")
    func stopped() async throws {
        let fixture = try ReplicatedChat(timeout: 3_600_000)
        let users = try fixture.chat.accounts.importUsers(["ann", "bea"]).users.map(\.user)
        fixture.voice.silence()
        let end = fixture.store.lastLogged
        async let first = ask(fixture, users, "one", "m-1")
        while fixture.store.lastLogged == end { await Task.yield() }
        async let second = ask(fixture, users.reversed(), "two", "m-2")
        let desk = fixture.chat.desk
        while desk.monitor.withLock({ desk.arrivals }) < 2 { await Task.yield() }
        try fixture.reopen()
        #expect(await first?.code == .indefinite)
        #expect(await second?.code == .unavailable)
        #expect(try await fixture.insist(users[0], users[1], "one", "m-1").isDuplicate)
        #expect(try await !fixture.insist(users[1], users[0], "two", "m-2").isDuplicate)
        #expect(try await fixture.texts(users[0], users[1]) == ["one", "two"])
        #expect(try fixture.verify().errors == [])
    }

    @Test(
        "is one message on a promoted follower, whether that had it or not",
        arguments: [true, false])
    func promoted(_ hadIt: Bool) async throws {
        let fixture = try ReplicatedChat(timeout: 150)
        let users = try fixture.chat.accounts.importUsers(["ann", "bea"]).users.map(\.user)
        _ = try await fixture.send(users[0], users[1], "before", "m-0")
        let early = hadIt ? nil : try fixture.promotedCopy()
        fixture.voice.silence()
        #expect(await ask(fixture, users, "one", "m-1")?.code == .indefinite)
        let new = try early ?? fixture.promotedCopy()
        let receipt = try await new.insist(users[0], users[1], "one", "m-1")
        #expect(receipt.isDuplicate == hadIt && receipt.number == 2)
        #expect(try await new.texts(users[1], users[0]) == ["before", "one"])
        #expect(try new.verify().errors == [])
        // Deposed, the old one shows it to nobody and takes no repeat.
        try fixture.store.depose(by: try #require(new.store.terms.current?.id))
        #expect(await ask(fixture, users, "one", "m-1")?.code == .readOnly)
        #expect(try await fixture.texts(users[1], users[0]) == ["before"])
    }

    @Test("waits since it came, whatever came before and after")
    func marks() {
        var marks = ArrivalMarks(limit: 50)
        #expect(marks.overdue(3, at: 0) == nil)
        #expect(marks.overdue(3, at: 10) == nil)
        #expect(marks.overdue(5, at: 20) == nil)
        #expect(marks.overdue(9, at: 50) == 3)
        #expect(marks.overdue(9, at: 69) == 3)
        #expect(marks.overdue(9, at: 70) == 5)
        #expect(marks.overdue(9, at: 1_000) == 9)
    }
}
