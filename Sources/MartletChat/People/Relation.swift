/// How two users stand to each other, from the side of one of them, who acts: all that can be. A
/// block ends what there was of a contact, so it goes with no other state. Holds A7.
enum Relation: Hashable, Sendable, CaseIterable {
    case strangers
    /// I have asked the other.
    case requested
    /// The other has asked me.
    case incoming
    case contacts
    /// I block the other.
    case blocking
    /// The other blocks me, which I must not learn.
    case blockedBy
    case blockingEachOther

    /// Mine and the other's row; `nil` if they do not fit together.
    init?(own: RelationValue, other: RelationValue) {
        guard let found = Self.allCases.first(where: { $0.own == own && $0.other == other })
        else { return nil }
        self = found
    }

    /// My row.
    var own: RelationValue {
        switch self {
        case .strangers, .blockedBy: RelationValue()
        case .requested: RelationValue(contact: .requested)
        case .incoming: RelationValue(contact: .incoming)
        case .contacts: RelationValue(contact: .contact)
        case .blocking, .blockingEachOther: RelationValue(blocked: true)
        }
    }

    /// The other's row.
    var other: RelationValue { mirrored.own }

    /// The same from the other side.
    var mirrored: Relation {
        switch self {
        case .strangers: .strangers
        case .requested: .incoming
        case .incoming: .requested
        case .contacts: .contacts
        case .blocking: .blockedBy
        case .blockedBy: .blocking
        case .blockingEachOther: .blockingEachOther
        }
    }
}

/// What a user does about another.
public enum RelationAction: Sendable, Hashable, CaseIterable {
    /// Ask to be contacts.
    case request
    /// Agree to the other's request.
    case accept
    /// Refuse the other's request.
    case decline
    /// End the contact, or take a request back.
    case remove
    /// Want nothing of the other any more.
    case block
    /// The opposite.
    case unblock
}

/// What an action comes to.
enum RelationOutcome: Hashable, Sendable {
    /// The relation afterwards, from the actor's side. The same as before: nothing is stored.
    case becomes(Relation)
    /// As above, unless the other takes messages from contacts only: then `.forbidden`.
    case becomesIfOpen(Relation)
    /// The other does not want it. The word is the same for all reasons.
    case forbidden
    /// It does not fit what there is.
    case conflict
}

extension Relation {
    /// Every action in every relation: the one place that decides.
    ///
    /// Whoever is blocked gets in each column what a stranger gets of somebody who takes messages
    /// from contacts only, so the two cannot be told apart.
    static let table: [Relation: [RelationAction: RelationOutcome]] = [
        .strangers: [
            .request: .becomesIfOpen(.requested), .accept: .conflict,
            .decline: .becomes(.strangers), .remove: .becomes(.strangers),
            .block: .becomes(.blocking), .unblock: .becomes(.strangers),
        ],
        .requested: [
            .request: .becomes(.requested), .accept: .conflict, .decline: .conflict,
            .remove: .becomes(.strangers), .block: .becomes(.blocking),
            .unblock: .becomes(.requested),
        ],
        .incoming: [
            .request: .becomes(.contacts), .accept: .becomes(.contacts),
            .decline: .becomes(.strangers), .remove: .becomes(.strangers),
            .block: .becomes(.blocking), .unblock: .becomes(.incoming),
        ],
        .contacts: [
            .request: .becomes(.contacts), .accept: .becomes(.contacts), .decline: .conflict,
            .remove: .becomes(.strangers), .block: .becomes(.blocking),
            .unblock: .becomes(.contacts),
        ],
        .blocking: [
            .request: .conflict, .accept: .conflict, .decline: .becomes(.blocking),
            .remove: .becomes(.blocking), .block: .becomes(.blocking),
            .unblock: .becomes(.strangers),
        ],
        .blockedBy: [
            .request: .forbidden, .accept: .conflict, .decline: .becomes(.blockedBy),
            .remove: .becomes(.blockedBy), .block: .becomes(.blockingEachOther),
            .unblock: .becomes(.blockedBy),
        ],
        .blockingEachOther: [
            .request: .conflict, .accept: .conflict, .decline: .becomes(.blockingEachOther),
            .remove: .becomes(.blockingEachOther), .block: .becomes(.blockingEachOther),
            .unblock: .becomes(.blockedBy),
        ],
    ]

    /// What `action` makes of the relation with somebody of these settings.
    func after(
        _ action: RelationAction, otherSettings: SettingsValue
    ) -> Result<RelationChange, ChatError> {
        switch Self.table[self]?[action] {
        case .becomes(let next):
            .success(RelationChange(before: self, after: next))
        case .becomesIfOpen(let next):
            otherSettings.messagesFrom == .everyone
                ? .success(RelationChange(before: self, after: next)) : .failure(.notWanted)
        case .forbidden: .failure(.notWanted)
        case .conflict: .failure(ChatError(.conflict, "it does not fit how the two stand"))
        case nil: .failure(ChatError(.internal, "the table of relations has a hole"))
        }
    }
}

/// A relation's step, and who hears of it.
struct RelationChange: Hashable, Sendable {
    /// From the actor's side.
    var before: Relation
    var after: Relation

    /// Whether there is anything to store.
    var isChange: Bool { before != after }
    /// Whether the actor's inbox gets an event: the actor's row has changed.
    var tellsActor: Bool { before.own != after.own }
    /// Whether the other's inbox gets one: never for being blocked alone.
    var tellsOther: Bool { before.other != after.other }
}

extension ChatError {
    /// One answer for everything that the other side does not want, so that reasons stay theirs.
    static let notWanted = ChatError(.forbidden, "the other side does not take this")
}
