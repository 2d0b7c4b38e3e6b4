import Testing

@testable import MartletChat

@Suite("The ledger")
struct LedgerTests {
    @Test("whatever commits fail, what is stored has neither gap nor double", arguments: 0..<40)
    func failures(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var world = LedgerWorld(cache: 4)
        for _ in 0..<2_000 {
            switch random.next() % 12 {
            case 0...4: world.ask(random.message())
            case 5: world.ask(random.move())
            case 6: world.ask(random.membership())
            case 7: world.ask(random.revision())
            case 8, 9: world.commit(succeeds: true)
            default: world.commit(succeeds: random.next() % 3 != 0)
            }
        }
        while !world.ledger.isIdle { world.commit(succeeds: true) }
        for (user, seqs) in world.inboxes {
            #expect(seqs == (1...UInt64(seqs.count)).map { $0 }, "seed \(seed), user \(user)")
        }
        #expect(world.problems.isEmpty, "seed \(seed)")
        #expect(world.openReplies == 0, "seed \(seed)")
        #expect(world.stored > 100, "seed \(seed) stores next to nothing")
    }

    @Test("an answer that rests on what is not stored yet waits for it")
    func waiting() {
        var world = LedgerWorld(cache: 16)
        var random = SplitMix(state: 1)
        let message = random.message(user: 1, peer: 2, id: "a")
        world.ask(message)
        world.ask(message)
        #expect(world.openReplies == 2)
        world.commit(succeeds: true)
        world.commit(succeeds: true)
        #expect(world.openReplies == 0)
        #expect(world.stored == 1)
    }

    @Test("a message that is not stored yet is known, whatever is asked for in between")
    func pendingIsKept() {
        var world = LedgerWorld(cache: 16)
        var random = SplitMix(state: 1)
        world.ask(random.message(user: 1, peer: 2, id: "a"))
        let peer = ConversationID(with: UserID(rawValue: 2))
        let key = FactKey.message(MessageKey(UserID(rawValue: 1), peer, 1))
        let asked = world.ledger.begin([key])
        world.ledger.abandon(asked)
        for user in UInt64(100)..<1_000 {
            let pinned = world.ledger.begin([.inbox(UserID(rawValue: user))])
            for fact in pinned { world.ledger.learn(fact, .seq(0)) }
            world.ledger.abandon(pinned)
        }
        // The store would say that there is none.
        #expect(world.ledger.begin([key]).allSatisfy { $0.isKnown })
        world.commit(succeeds: true)
        world.commit(succeeds: true)
        #expect(world.ledger.begin([key]).allSatisfy { $0.isKnown && !$0.isPending })
    }
}

extension LedgerTests {
    @Test("from the second on, a message to a large group takes a handful of facts in hand")
    func handful() {
        var world = LedgerWorld(cache: 100_000)
        let group = world.makeGroup(1, of: 5_000)
        var random = SplitMix(state: 1)
        let first = world.ask(random.message(to: group, id: "a"))
        #expect(first > 5_000)
        // Another message in between goes to one of the inboxes.
        world.ask(random.message(user: 7, peer: 8, id: "b"))
        let second = world.ask(random.message(to: group, id: "c"))
        #expect(second < 8)
        while !world.ledger.isIdle { world.commit(succeeds: true) }
        #expect(world.inboxes[UserID(rawValue: 7)] == [1, 2, 3])
        #expect(world.inboxes[UserID(rawValue: 4_999)] == [1, 2])
        #expect(world.openReplies == 0)
    }

    @Test("a message to a group that is taken back leaves no gap in any of its inboxes")
    func takenBack() {
        var world = LedgerWorld(cache: 100_000)
        let group = world.makeGroup(1, of: 50)
        var random = SplitMix(state: 1)
        for round in 0..<6 {
            world.ask(random.message(to: group, id: "a\(round)"))
            world.ask(random.message(user: 7, peer: 8, id: "b\(round)"))
            while !world.ledger.isIdle { world.commit(succeeds: round % 2 == 0) }
        }
        #expect(world.inboxes[UserID(rawValue: 7)] == [1, 2, 3, 4, 5, 6])
        #expect(world.inboxes[UserID(rawValue: 50)] == [1, 2, 3])
    }

    @Test("inboxes that were forgotten since the last message to a group are read again")
    func forgotten() {
        var world = LedgerWorld(cache: 30)
        let group = world.makeGroup(1, of: 50)
        var random = SplitMix(state: 1)
        for round in 0..<10 {
            world.ask(random.message(to: group, id: "a\(round)"))
            world.commit(succeeds: true)
            world.commit(succeeds: true)
            for other in 0..<UInt64(40) {
                world.ask(random.message(user: 100 + other, peer: 200, id: "b\(round)"))
            }
            while !world.ledger.isIdle { world.commit(succeeds: true) }
        }
        for user in UInt64(1)...50 {
            #expect(world.inboxes[UserID(rawValue: user)] == Array(1...10), "user \(user)")
        }
    }
}

/// A store in memory, with the ledger in front of it.
struct LedgerWorld {
    var ledger: Ledger<Int>
    var facts: [FactKey: FactValue] = [:]
    var messages: [MessageKey: MessageValue] = [:]
    var inboxes: [UserID: [UInt64]] = [:]
    var problems: [String] = []
    var openReplies = 0
    var stored = 0

    init(cache: Int) {
        ledger = Ledger(cacheEntries: cache, groupCost: 2_000)
    }

    /// A group of the users 1, 2, ..., which is stored.
    mutating func makeGroup(_ number: UInt64, of count: UInt64) -> ConversationID {
        let group = ConversationID(group: number)
        var entries: [Roster.Entry] = []
        for user in (1...count).map({ UserID(rawValue: $0) }) {
            var member = MemberValue(role: nil, stays: [])
            member.enter(at: 1, revisions: 0, as: .member)
            facts[.member(group, user)] = .member(member)
            if let entry = Roster.Entry(user, member) { entries.append(entry) }
        }
        var value = GroupValue(name: "g", createdAt: 0, last: 0)
        value.count = count
        facts[.group(group)] = .group(value)
        facts[.roster(group)] = .roster(Roster(entries))
        return group
    }

    private func value(_ key: FactKey) -> FactValue {
        if let value = facts[key] { return value }
        return switch key {
        case .inbox: .seq(0)
        case .account: .flag(true)
        case .pair: .pair(PairValue())
        case .send: .send(nil)
        case .message(let key): .message(messages[key])
        case .hidden, .listed: .flag(false)
        case .group: .group(nil)
        case .member: .member(nil)
        case .roster: .roster(Roster([]))
        case .link: .link(nil)
        case .relation: .relation(RelationValue())
        case .settings: .settings(SettingsValue())
        case .mute: .mutedUntil(0)
        }
    }

    /// - Returns: How many facts were in hand in the end.
    @discardableResult
    mutating func ask(_ procedure: any Procedure) -> Int {
        var pinned = ledger.begin(procedure)
        for _ in 0..<20 {
            for fact in pinned where !fact.isKnown { ledger.learn(fact, value(fact.key)) }
            openReplies += 1
            switch ledger.admit(procedure, &pinned, 1) {
            case .joined: return pinned.count
            case .incomplete:
                openReplies -= 1
                continue
            case .answered, .refused:
                openReplies -= 1
                return pinned.count
            }
        }
        problems.append("more facts are wanted again and again")
        return pinned.count
    }

    mutating func commit(succeeds: Bool) {
        guard let group = ledger.underWay else {
            _ = ledger.beginCommit()
            return
        }
        guard succeeds else {
            openReplies -= ledger.commitFailed().count
            return
        }
        for change in group.changes { apply(change.fact.key, change.value) }
        for message in group.messages {
            if messages[message.key] != nil { problems.append("\(message.key) twice") }
            messages[message.key] = message.value
            stored += message.key.owner == message.value.sender ? 1 : 0
        }
        for entry in ledger.commitSucceeded() {
            openReplies -= 1
            entry.eachEvent { user, seq, _ in
                inboxes[user, default: []].append(seq)
                facts[.inbox(user)] = .seq(seq)
            }
        }
    }

    private mutating func apply(_ key: FactKey, _ value: FactValue) {
        if case .send = key, facts[key] != nil { problems.append("\(key) twice") }
        if case (.pair, .pair(let new), .pair(let old)?) = (key, value, facts[key]) {
            if new.last < old.last || new.low.read < old.low.read || new.high.read < old.high.read {
                problems.append("\(key) goes back")
            }
        }
        if case (.message(let key), .message(let new?)) = (key, value) { messages[key] = new }
        facts[key] = value
    }
}

extension SplitMix {
    private mutating func user() -> UserID { UserID(rawValue: next() % 20 + 1) }
    private mutating func group() -> ConversationID { ConversationID(group: next() % 3) }

    mutating func message(user: UInt64, peer: UInt64, id: String) -> SendMessage {
        SendMessage(
            user: UserID(rawValue: user),
            conversation: ConversationID(with: UserID(rawValue: peer)), text: "x",
            clientMessageID: id, sentAt: 0)
    }

    /// The first user's.
    mutating func message(to group: ConversationID, id: String) -> SendMessage {
        SendMessage(
            user: UserID(rawValue: 1), conversation: group, text: "x", clientMessageID: id,
            sentAt: 0)
    }

    mutating func message() -> any Procedure {
        let isGroup = next() % 3 == 0
        let to = isGroup ? group() : ConversationID(with: user())
        return SendMessage(
            user: user(), conversation: to, text: "x", clientMessageID: "\(next() % 400)",
            sentAt: 0)
    }

    mutating func move() -> any Procedure {
        let to = next() % 3 == 0 ? group() : ConversationID(with: user())
        return MoveCursor(
            user: user(), conversation: to, cursor: next() % 2 == 0 ? .read : .delivered,
            upTo: next() % 20)
    }

    mutating func membership() -> any Procedure {
        switch next() % 5 {
        case 0:
            return CreateGroup(
                user: user(), id: group(), name: "g", members: [user()],
                clientMessageID: "g\(next() % 400)", now: 0)
        case 1, 2:
            return AddMembers(
                user: user(), id: group(), added: [user(), user()], membersMax: 15, now: 0)
        case 3: return RemoveMember(user: user(), id: group(), removed: user(), now: 0)
        default: return LeaveGroup(user: user(), id: group(), now: 0)
        }
    }

    mutating func revision() -> any Procedure {
        let to = next() % 3 == 0 ? group() : ConversationID(with: user())
        if next() % 3 == 0 {
            return HideMessage(user: user(), conversation: to, number: next() % 20)
        }
        return ReviseMessage(
            user: user(), conversation: to, number: next() % 20,
            change: next() % 2 == 0 ? .delete : .edit("\(next() % 9)"), now: 0)
    }
}
