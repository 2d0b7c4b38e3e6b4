import MartletStore
import Testing

@testable import MartletChat

@Suite("Passwords, and what failures tell")
struct PasswordTests {
    private func change(
        _ fixture: ChatFixture, _ session: Session, _ old: String, _ new: String
    ) async throws -> ChatError.Code? {
        let device = try #require(session.device)
        return await code { [chat = fixture.chat] in
            chat.changePassword(
                user: session.user, device: device, old: old, new: new, completion: $0)
        }
    }

    @Test("a new password ends all other devices, and the old one no longer opens")
    func changing() async throws {
        let fixture = try ChatFixture()
        let other = try await fixture.register("ann")
        let own = try await fixture.logIn("ann")
        let ends = fixture.recordEnds()
        #expect(try await change(fixture, own, "correct horse", "battery staple") == nil)
        #expect(
            ends.all
                == [SessionEnd(user: own.user, device: other.device, cause: .passwordChanged)])
        #expect(try await fixture.accepts(own.token))
        #expect(try await !fixture.accepts(other.token))
        try fixture.reopen()
        #expect(try await !fixture.accepts(other.token))
        #expect(try await fixture.logIn("ann", "battery staple").user == own.user)
        let refused = await code { [chat = fixture.chat] in
            chat.logIn(name: "ann", password: "correct horse", completion: $0)
        }
        #expect(refused == .unauthorized)
        #expect(try fixture.verify().errors == [])
    }

    @Test("it takes the old password, and a new one by the rules")
    func refusals() async throws {
        let fixture = try ChatFixture()
        let own = try await fixture.register("ann")
        let other = try await fixture.logIn("ann")
        #expect(try await change(fixture, own, "wrong horse", "battery staple") == .forbidden)
        #expect(try await change(fixture, own, "correct horse", "short") == .badRequest)
        #expect(try await fixture.accepts(other.token))
        #expect(try await fixture.logIn("ann").user == own.user)
    }

    @Test("a failed login hashes once and reads the same rows, whatever is wrong")
    func sameCost() async throws {
        let fixture = try ChatFixture()
        _ = try await fixture.register("ann")
        let disabled = try await fixture.register("dis")
        try await fixture.setDisabled(disabled.user, true)
        _ = try fixture.users("imported")
        var costs: Set<[UInt64]> = []
        var errors: Set<ChatError> = []
        for (name, password) in [
            ("ann", "wrong horse"), ("nobody", "correct horse"), ("dis", "correct horse"),
            ("dis", "wrong horse"), ("imported", "correct horse"),
        ] {
            let (hashes, reads) = (
                fixture.chat.accounts.hashCount, fixture.chat.directory.readCount
            )
            do {
                _ = try await fixture.logIn(name, password)
                Issue.record("\(name) could log in")
            } catch let error as ChatError {
                errors.insert(error)
            }
            costs.insert([
                fixture.chat.accounts.hashCount - hashes,
                fixture.chat.directory.readCount - reads,
            ])
        }
        #expect(costs == [[1, 2]])
        #expect(errors == [Accounts.wrongPassword])
    }

    @Test("finding somebody and finding nobody read the same rows, each time")
    func sameReads() async throws {
        let fixture = try ChatFixture()
        _ = try await fixture.register("ann")
        var reads: Set<UInt64> = []
        for name in ["ann", "nobody", "ANN", "nobody", "ann"] {
            let before = fixture.chat.directory.readCount
            let found = await code { [chat = fixture.chat] in
                chat.findUser(name: name, completion: $0)
            }
            #expect(found == (name == "nobody" ? .notFound : nil))
            reads.insert(fixture.chat.directory.readCount - before)
        }
        #expect(reads == [2])
    }
}
