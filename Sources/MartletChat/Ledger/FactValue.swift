/// What is known of a fact. What is large and rare is behind a reference: the others are copied
/// often.
enum FactValue: Hashable, Sendable {
    case seq(UInt64)
    case pair(PairValue)
    case send(SendValue?)
    indirect case message(MessageValue?)
    case flag(Bool)
    indirect case group(GroupValue?)
    case member(MemberValue?)
    case roster(Roster)
    indirect case link(LinkValue?)
    case relation(RelationValue)
    case settings(SettingsValue)
    /// Microseconds since 1970; 0 for not at all.
    case mutedUntil(UInt64)
}
