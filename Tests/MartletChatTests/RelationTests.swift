import Testing

@testable import MartletChat

@Suite("The table of relations")
struct RelationTests {
    struct Case: CustomStringConvertible, Sendable {
        var relation: Relation
        var action: RelationAction
        var open: Bool

        var description: String { "\(relation), \(action), \(open ? "open" : "contacts only")" }

        var settings: SettingsValue {
            var settings = SettingsValue()
            settings.messagesFrom = open ? .everyone : .contacts
            return settings
        }

        /// What the actor can see of it: the error, or the own row and whether an event comes.
        var seen: [String] {
            switch relation.after(action, otherSettings: settings) {
            case .success(let change): ["\(change.after.own)", "\(change.tellsActor)"]
            case .failure(let error): [error.description]
            }
        }
    }

    static let all = Relation.allCases.flatMap { relation in
        RelationAction.allCases.flatMap { action in
            [true, false].map { Case(relation: relation, action: action, open: $0) }
        }
    }

    @Test("it has every action in every relation, and no other")
    func complete() {
        #expect(Set(Relation.table.keys) == Set(Relation.allCases))
        for row in Relation.table.values {
            #expect(Set(row.keys) == Set(RelationAction.allCases))
        }
    }

    @Test("a relation is its two rows, and they are told apart")
    func rows() {
        for relation in Relation.allCases {
            #expect(Relation(own: relation.own, other: relation.other) == relation)
            #expect(relation.mirrored.mirrored == relation)
            #expect(relation.mirrored.own == relation.other)
            #expect(RelationValue(relation.own.encoded()) == relation.own)
        }
        var fitting = 0
        let values = ContactState.allCases.flatMap { contact in
            [false, true].map { RelationValue(contact: contact, blocked: $0) }
        }
        for own in values {
            for other in values where Relation(own: own, other: other) != nil { fitting += 1 }
        }
        #expect(fitting == Relation.allCases.count)
    }

    @Test("an action and its repeat come to the same", arguments: all)
    func repeats(_ example: Case) {
        guard
            case .success(let change) = example.relation.after(
                example.action, otherSettings: example.settings)
        else { return }
        // A decline or a removal may be repeated when nothing is left of what it ended.
        let again = change.after.after(example.action, otherSettings: example.settings)
        switch again {
        case .success(let second): #expect(second.after == change.after && !second.isChange)
        case .failure(let error): Issue.record("\(example): \(error)")
        }
    }

    @Test(
        "nobody's own block is changed by the other, and a block leaves no contact", arguments: all)
    func blocks(_ example: Case) {
        guard
            case .success(let change) = example.relation.after(
                example.action, otherSettings: example.settings)
        else { return }
        #expect(change.after.other.blocked == change.before.other.blocked)
        if change.after.own.blocked || change.after.other.blocked {
            #expect(change.after.own.contact == .none && change.after.other.contact == .none)
        }
        if change.after.own.blocked != change.before.own.blocked {
            #expect(example.action == .block || example.action == .unblock)
        }
    }

    @Test("both become contacts only where both want it", arguments: all)
    func consent(_ example: Case) {
        guard
            case .success(let change) = example.relation.after(
                example.action, otherSettings: example.settings),
            change.after == .contacts
        else { return }
        #expect([.contacts, .incoming].contains(change.before))
    }

    @Test(
        "the other hears of a change of the own row alone, never of a block alone", arguments: all)
    func events(_ example: Case) {
        guard
            case .success(let change) = example.relation.after(
                example.action, otherSettings: example.settings)
        else { return }
        #expect(change.tellsOther == (change.before.other.contact != change.after.other.contact))
        #expect(change.isChange || (!change.tellsActor && !change.tellsOther))
    }

    @Test("who is blocked sees what a stranger of somebody for contacts only sees")
    func secret() {
        for action in RelationAction.allCases {
            let closed = Case(relation: .strangers, action: action, open: false)
            for open in [true, false] {
                let blocked = Case(relation: .blockedBy, action: action, open: open)
                #expect(blocked.seen == closed.seen, "\(action)")
                let both = Case(relation: .blockingEachOther, action: action, open: open)
                let own = Case(relation: .blocking, action: action, open: open)
                #expect(both.seen == own.seen, "\(action)")
            }
        }
    }

    @Test("the way to a contact and back, step by step")
    func story() throws {
        var relation = Relation.strangers
        func act(_ action: RelationAction) throws {
            relation = try relation.after(action, otherSettings: SettingsValue()).get().after
        }
        try act(.request)
        #expect(relation == .requested)
        relation = relation.mirrored
        try act(.accept)
        #expect(relation == .contacts)
        try act(.block)
        #expect(relation == .blocking)
        relation = relation.mirrored
        #expect(throws: ChatError.notWanted) { try act(.request) }
        try act(.block)
        #expect(relation == .blockingEachOther)
        try act(.unblock)
        #expect(relation == .blockedBy)
        relation = relation.mirrored
        try act(.unblock)
        #expect(relation == .strangers)
    }
}
