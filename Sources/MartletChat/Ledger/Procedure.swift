/// Something that a user asks for and that changes rows: a function from facts to changes and
/// events. Procedures run one after the other, so each sees all that was decided before it.
///
/// `run` may be called again with more facts known; it must decide from the draft alone.
protocol Procedure: Sendable {
    /// Who asks.
    var user: UserID { get }
    /// What is surely needed, so that it can be read in one go.
    var keys: [FactKey] { get }
    /// Which of `keys` are always needed together, if it is worth remembering.
    var bundle: FactBundle? { get }
    /// A bound for the bytes that waiting for its turn takes.
    var cost: Int { get }
    /// Whether it is a step of its user's deletion, which alone may act for the user then.
    var isOfDeletion: Bool { get }

    func run(_ draft: inout Draft) throws(Halt) -> Answer
}

extension Procedure {
    var bundle: FactBundle? { nil }
    var cost: Int { 256 }
    var isOfDeletion: Bool { false }
}

/// Keys that one procedure after the other needs together: all messages of a conversation in one
/// direction, say. The facts are then found by their anchor, without a look-up for each.
struct FactBundle {
    /// The procedure's second key.
    var anchor: FactKey
    /// The first key, which is another each time.
    var own: FactKey
    /// Which of the anchor's two bundles it is; the rest of the keys follows from it.
    var isSecond: Bool
}

/// What a request got.
enum Answer: Sendable {
    case sent(SendReceipt)
    /// Where a cursor stands.
    case moved(UInt64)
    /// The revision of an edited or deleted message.
    case revised(UInt64)
    /// The group, and the number of the last notice if something changed.
    case group(ConversationID, number: UInt64?)
    case link(GroupLink)
    case contact(RelationValue)
    case settings(SettingsValue)
    case mutedUntil(UInt64)
    case done
}
