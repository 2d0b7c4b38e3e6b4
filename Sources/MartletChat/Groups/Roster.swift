/// Who is in a group, in the order of their ids. A reference, so that ten thousand entries are not
/// copied with every look.
final class Roster: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var user: UserID
        var role: GroupRole
        /// The first number of the stay.
        var from: UInt64
        /// Whether there was a stay before this one.
        var hasEarlierStays: Bool

        /// `nil` for one who is not in the group.
        init?(_ user: UserID, _ member: MemberValue) {
            guard let role = member.role, let stay = member.stays.last else { return nil }
            self.user = user
            self.role = role
            from = stay.from
            hasEarlierStays = member.stays.count > 1
        }
    }

    let entries: [Entry]

    init(_ entries: [Entry]) {
        self.entries = entries
    }

    var count: Int { entries.count }

    /// Where `user` is among the entries.
    func place(of user: UserID) -> Int? {
        let place = low(user)
        return place < entries.count && entries[place].user == user ? place : nil
    }

    /// How many entries are before `user`.
    private func low(_ user: UserID) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].user.rawValue < user.rawValue {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// With what `member` says of `user`.
    func with(_ user: UserID, _ member: MemberValue) -> Roster {
        let low = self.low(user)
        var entries = entries
        if low < entries.count, entries[low].user == user { entries.remove(at: low) }
        if let entry = Entry(user, member) { entries.insert(entry, at: low) }
        return Roster(entries)
    }

    /// Who owns the group when its owner leaves: the admin who has been in it for longest, else the
    /// member.
    func heir(of user: UserID) -> UserID? {
        let others = entries.filter { $0.user != user }
        if others.contains(where: { $0.role == .owner }) { return nil }
        let best = others.min { one, other in
            (one.role == .admin ? 0 : 1, one.from, one.user.rawValue)
                < (other.role == .admin ? 0 : 1, other.from, other.user.rawValue)
        }
        return best?.user
    }

    static func == (one: Roster, other: Roster) -> Bool {
        one === other || one.entries == other.entries
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(entries)
    }
}
