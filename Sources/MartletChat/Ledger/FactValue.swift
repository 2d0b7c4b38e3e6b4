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
}
