import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("Invitations")
struct GroupLinkTests {
    @Test("whoever has the link joins, once, until it expires; not after, nor with another one")
    func expiry() async throws {
        let clock = SimulatedClock()
        let fixture = try ChatFixture(clock: clock)
        let users = try fixture.users("ann", "bea", "cid")
        let group = try await fixture.group(users[0])
        let link = try await fixture.link(users[0], group, microseconds: 60_000_000)
        try fixture.reopen()
        clock.advance(microseconds: 59_999_999)
        #expect(try await fixture.join(users[1], link).number == 2)
        #expect(try await fixture.join(users[1], link).number == nil)
        #expect(try await fixture.summary(users[1], group).group?.from == 2)
        clock.advance(microseconds: 1)
        #expect(await refusal { try await fixture.join(users[2], link) } == .notFound)
        let forged = GroupLink(text: "AAAAAAAAAAAAAAAAAAAAAA", expiresAt: .max)
        #expect(await refusal { try await fixture.join(users[2], forged) } == .notFound)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a new link and a revocation end the one before")
    func revocation() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0])
        let first = try await fixture.link(users[0], group)
        let second = try await fixture.link(users[0], group)
        #expect(await refusal { try await fixture.join(users[1], first) } == .notFound)
        let chat = fixture.chat
        for _ in 1...2 {
            let _: Void = try await value {
                chat.revokeLink(user: users[0], group: group, completion: $0)
            }
        }
        try fixture.reopen()
        #expect(await refusal { try await fixture.join(users[1], second) } == .notFound)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a removed member is barred until an admin adds them again; one who left is not")
    func barred() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "cid")
        let group = try await fixture.group(users[0], [users[1], users[2]])
        let link = try await fixture.link(users[0], group)
        try await fixture.remove(users[0], group, users[1])
        try await fixture.leave(users[2], group)
        try fixture.reopen()
        #expect(await refusal { try await fixture.join(users[1], link) } == .forbidden)
        try await fixture.join(users[2], link)
        try await fixture.add(users[0], group, users[1])
        try await fixture.leave(users[1], group)
        try await fixture.join(users[1], link)
        #expect(try fixture.verify().errors == [])
    }

    @Test("a link lives for a minute to thirty days, and who comes into an empty group owns it")
    func bounds() async throws {
        let fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea")
        let group = try await fixture.group(users[0])
        for lifetime in [0, 59_999_999, 2_592_000_000_001, UInt64.max] {
            let code = await refusal {
                try await fixture.link(users[0], group, microseconds: lifetime)
            }
            #expect(code == .badRequest)
        }
        let link = try await fixture.link(users[0], group, microseconds: 2_592_000_000_000)
        try await fixture.leave(users[0], group)
        try await fixture.join(users[1], link)
        #expect(try await fixture.summary(users[1], group).group?.role == .owner)
        #expect(try fixture.verify().errors == [])
    }
}
