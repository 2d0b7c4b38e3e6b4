import Testing

@testable import MartletChat

@Suite("What the store says of presence")
struct PresenceTests {
    private let fixture: ChatFixture
    private let ann: UserID
    private let bea: UserID
    private let eve: UserID

    init() throws {
        fixture = try ChatFixture()
        let users = try fixture.users("ann", "bea", "eve")
        (ann, bea, eve) = (users[0], users[1], users[2])
    }

    private func change(_ user: UserID, _ other: UserID, _ action: RelationAction) async throws {
        _ = try await value { [chat = fixture.chat] in
            chat.changeRelation(user: user, other: other, action: action, completion: $0)
        }
    }

    private func befriend() async throws {
        try await change(ann, bea, .request)
        try await change(bea, ann, .accept)
    }

    private func show(_ user: UserID, _ audience: PresenceAudience) async throws {
        var change = SettingsChange()
        change.presence = audience
        let settings = change
        _ = try await value { [chat = fixture.chat] in
            chat.change(settings: settings, of: user, completion: $0)
        }
    }

    /// Which of ann, bea and eve the viewer may see.
    private func seen(by viewer: UserID) async throws -> [Bool] {
        let users = [ann, bea, eve]
        return try await value { [chat = fixture.chat] in
            chat.visiblePresence(of: users, to: viewer, completion: $0)
        }.map(\.isVisible)
    }

    @Test("contacts see each other, strangers do not, and everybody sees themselves")
    func contacts() async throws {
        #expect(try await seen(by: bea) == [false, true, false])
        try await befriend()
        #expect(try await seen(by: bea) == [true, true, false])
        #expect(try await seen(by: eve) == [false, false, true])
    }

    @Test("the owner's switch decides, and a block ends it either way")
    func switches() async throws {
        try await befriend()
        try await show(ann, .nobody)
        #expect(try await seen(by: bea) == [false, true, false])
        try await show(ann, .everyone)
        #expect(try await seen(by: eve) == [true, false, true])
        try await change(eve, ann, .block)
        #expect(try await seen(by: eve) == [false, false, true])
        #expect(try await seen(by: ann)[2] == false)
    }

    @Test("a user who does not exist is like one who may not be seen")
    func nobody() async throws {
        try await show(eve, .nobody)
        let nobody = UserID(rawValue: 12_345)
        let viewer = bea
        let users = [eve, nobody]
        let found = try await value { [chat = fixture.chat] in
            chat.visiblePresence(of: users, to: viewer, completion: $0)
        }
        #expect(found == users.map { VisiblePresence(user: $0, isVisible: false) })
    }

    @Test("the last seen is kept over a restart, and told to who may see it")
    func lastSeen() async throws {
        try await befriend()
        let seen = [LastSeen(user: ann, at: 77), LastSeen(user: bea, at: 78)]
        let _: Void = try await value { [chat = fixture.chat] in
            chat.recordSeen(seen, completion: $0)
        }
        try fixture.reopen()
        let (viewer, stranger, users) = (bea, eve, [ann])
        for (who, at) in [(viewer, UInt64(77)), (stranger, nil)] {
            let found = try await value { [chat = fixture.chat] in
                chat.visiblePresence(of: users, to: who, completion: $0)
            }
            #expect(found.map(\.lastSeen) == [at])
        }
        let contacts = try await value { [chat = fixture.chat] in
            chat.presenceOfContacts(of: viewer, completion: $0)
        }
        #expect(contacts == [VisiblePresence(user: ann, isVisible: true, lastSeen: 77)])
    }

    @Test("who is told is decided when it is told")
    func audience() async throws {
        try await befriend()
        let question = PresenceQuestion(user: ann, viewers: [bea, eve])
        func audience() async throws -> [[UserID]] {
            try await value { [chat = fixture.chat] in
                chat.presenceAudiences([question], completion: $0)
            }
        }
        #expect(try await audience() == [[bea]])
        try await change(ann, bea, .block)
        #expect(try await audience() == [[]])
    }

    @Test("a send tells whether the sender may know if the peer is online")
    func send() async throws {
        #expect(try await fixture.send(bea, ann, "1", "1").showsPeer == false)
        try await befriend()
        #expect(try await fixture.send(bea, ann, "2", "2").showsPeer)
        #expect(try await fixture.send(bea, ann, "2", "2").showsPeer == false, "a repeat")
        #expect(try await fixture.send(bea, bea, "3", "3").showsPeer == false, "to oneself")
    }

    @Test("who writes is told to those whom they may write to")
    func typing() async throws {
        let (writer, peer) = (bea, ann)
        func told(_ conversation: ConversationID) async throws -> [UserID] {
            try await value { [chat = fixture.chat] in
                chat.typingAudience(of: writer, in: conversation, completion: $0)
            }
        }
        #expect(try await told(ConversationID(with: peer)) == [ann])
        #expect(try await told(ConversationID(with: writer)) == [])
        let members = [ann]
        let group = try await value { [chat = fixture.chat] in
            chat.createGroup(
                user: writer, name: "g", members: members, clientMessageID: "g", completion: $0)
        }.conversation
        #expect(try await told(group) == [ann])
        try await change(ann, bea, .block)
        #expect(try await told(ConversationID(with: peer)) == [])
        #expect(try await told(group) == [], "a block counts in groups too")
        try await change(ann, bea, .unblock)
        try await change(bea, ann, .block)
        #expect(try await told(group) == [], "and the other way round")
        try await change(bea, ann, .unblock)
        #expect(try await told(group) == [ann])
        _ = try await value { [chat = fixture.chat] in
            chat.leaveGroup(user: writer, group: group, completion: $0)
        }
        #expect(try await told(group) == [])
    }

    @Test("a member's cursors are told to members, unless receipts are off")
    func receipts() async throws {
        let (owner, reader, stranger) = (ann, bea, eve)
        let group = try await value { [chat = fixture.chat] in
            chat.createGroup(
                user: owner, name: "g", members: [reader], clientMessageID: "g", completion: $0)
        }.conversation
        _ = try await value { [chat = fixture.chat] in
            chat.markRead(user: reader, conversation: group, upTo: 1, completion: $0)
        }
        let question = PresenceQuestion(user: reader, viewers: [owner, reader, stranger])
        func receipts() async throws -> [GroupReceipt] {
            try await value { [chat = fixture.chat] in
                chat.groupReceipts([(group, question)], completion: $0)
            }
        }
        #expect(
            try await receipts() == [
                GroupReceipt(group: group, user: bea, delivered: 1, read: 1, audience: [ann])
            ])
        var change = SettingsChange()
        change.receipts = false
        let settings = change
        _ = try await value { [chat = fixture.chat] in
            chat.change(settings: settings, of: reader, completion: $0)
        }
        #expect(try await receipts() == [])
    }
}
