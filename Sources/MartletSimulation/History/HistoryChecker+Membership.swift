/// Who may read what, and what is there to read.
extension HistoryChecker {
    /// The highest number of a conversation that was known before `place`, and since where.
    func known(
        _ conversation: ConversationKey, before place: Int
    ) -> (value: UInt64, place: Int) {
        (conversations[conversation]?.known ?? Timeline()).known(before: place)
    }

    private func intervals(
        of user: UInt64, in conversation: ConversationKey
    ) -> [MembershipInterval] {
        switch conversation {
        case .pair(let low, let high):
            user == low || user == high ? [MembershipInterval(user: user, first: 1)] : []
        case .group:
            memberships[conversation, default: []].filter { $0.user == user }
        }
    }

    /// Whether the user's time in a group, in which the message fell, has ended.
    func hasLeft(_ user: UInt64, _ conversation: ConversationKey, _ number: UInt64) -> Bool {
        intervals(of: user, in: conversation).contains {
            $0.contains(number) && $0.last != nil
        }
    }

    func mayRead(_ user: UInt64, _ conversation: ConversationKey, _ number: UInt64) -> Bool {
        intervals(of: user, in: conversation).contains { $0.contains(number) }
    }

    /// The highest readable number up to `number`; 0 for none.
    func lastReadable(
        by user: UInt64, in conversation: ConversationKey, upTo number: UInt64
    ) -> UInt64 {
        intervals(of: user, in: conversation).filter { $0.first <= number }
            .map { min(number, $0.last ?? .max) }.max() ?? 0
    }

    /// The lowest readable number behind `number`; `nil` for none.
    func nextReadable(
        by user: UInt64, in conversation: ConversationKey, after number: UInt64
    ) -> UInt64? {
        intervals(of: user, in: conversation).compactMap { interval in
            let next = max(number + 1, interval.first)
            return interval.contains(next) ? next : nil
        }.min()
    }
}
