/// Something that a user asks for and that changes rows: a function from facts to changes and
/// events. Procedures run one after the other, so each sees all that was decided before it.
///
/// `run` may be called again with more facts known; it must decide from the draft alone.
protocol Procedure: Sendable {
    /// Who asks.
    var user: UserID { get }
    /// What is surely needed, so that it can be read in one go.
    var keys: [FactKey] { get }
    /// A bound for the bytes that waiting for its turn takes.
    var cost: Int { get }

    func run(_ draft: inout Draft) throws(Halt) -> Answer
}

extension Procedure {
    var cost: Int { 256 }
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
