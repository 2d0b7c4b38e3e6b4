/// What is known of a fact.
enum FactValue: Hashable, Sendable {
    case seq(UInt64)
    case pair(PairValue)
    case send(SendValue?)
    case message(MessageValue?)
    case flag(Bool)
    case group(GroupValue?)
    case member(MemberValue?)
    case roster(Roster)
    case link(LinkValue?)
    case relation(RelationValue)
    case settings(SettingsValue)
    /// Microseconds since 1970; 0 for not at all.
    case mutedUntil(UInt64)
}
