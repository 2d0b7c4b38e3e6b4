package import MartletChat

/// Who is online, who looks at whom, and what is to be told: a state machine without I/O. Time is
/// the number of `advance` calls, one a second. Holds V1 to V4.
///
/// A user is online from the first connection (a socket or a parked poll) until a grace behind the
/// end of the last one. Whoever comes online is told of to the watchers some seconds later, if
/// still connected; whoever goes offline is told of to nobody: clients pull that (the design's
/// rules 3 and 4). Every call costs O(1), or as much as one watch set; what costs more is done by
/// `takeWork` within the bounds of `PresenceRules`, so that ten thousand reconnects are spread out.
package struct PresenceBoard: Sendable {
    package enum Connection: Sendable { case socket, poll }

    struct Entry {
        var connections = 0
        /// The second at which it is offline if no connection is left.
        var expiresAt = 0
        /// When the last connection ended, in microseconds since 1970.
        var seenAt: UInt64 = 0
        /// Whether it lies in `expiries` or `overdue`.
        var isExpiring = false
        /// Whether watchers are still to be told that it came online.
        var isNews = false
        /// Of its place in `arrivals`; an older place of the same user counts for nothing.
        var arrivesAt: Int?
    }

    private(set) var rules: PresenceRules
    package internal(set) var second = 0
    var entries: [UserID: Entry] = [:]
    /// Users by the second at which to look whether they have expired.
    var expiries: [[UserID]]
    /// Users whose second has come.
    var overdue = Fifo<UserID>()
    /// Users who came online, and when watchers are to be told.
    var arrivals = Fifo<(user: UserID, at: Int)>()
    /// The announcement that the last second had no room for.
    var unfinished: (user: UserID, watchers: ArraySlice<Watcher>)?
    var watches: [SocketID: Watch] = [:]
    var watchersOfUsers: [UserID: Set<Watcher>] = [:]
    var watchersOfGroups: [ConversationID: Set<Watcher>] = [:]
    var receipts = Fifo<MovedCursor>()
    var queuedReceipts: Set<MovedCursor> = []
    /// Comings and goings so far that were too short to be told.
    package internal(set) var flaps = 0

    package init(_ rules: PresenceRules = PresenceRules()) {
        self.rules = rules
        self.rules.grace = max(1, rules.grace)
        self.rules.pollGrace = max(1, rules.pollGrace)
        let longest = max(self.rules.grace, self.rules.pollGrace)
        expiries = Array(repeating: [], count: longest + 2)
    }

    // MARK: Connections

    /// Whether the user counts as online.
    package func isOnline(_ user: UserID) -> Bool {
        entries[user].map(isOnline) ?? false
    }

    /// Whether the user has a connection right now.
    package func isConnected(_ user: UserID) -> Bool {
        (entries[user]?.connections ?? 0) > 0
    }

    /// When a user who is offline was last there, where it is known and not stored yet.
    package func lastSeen(_ user: UserID) -> UInt64? { entries[user]?.seenAt }

    private func isOnline(_ entry: Entry) -> Bool {
        entry.connections > 0 || second < entry.expiresAt
    }

    /// The user has a new connection.
    package mutating func join(_ user: UserID) {
        var entry = entries[user] ?? Entry()
        if !isOnline(entry) {
            entry.isNews = true
        } else if entry.connections == 0 {
            flaps += 1
        }
        entry.connections += 1
        if entry.isNews, entry.arrivesAt == nil {
            if watchersOfUsers[user] == nil {
                // Whoever looks from now on is answered that the user is there.
                entry.isNews = false
            } else if arrivals.count < rules.announcementsQueued {
                let at = second + rules.announceAfter
                entry.arrivesAt = at
                arrivals.append((user, at))
            }
        }
        entries[user] = entry
    }

    /// One of the user's connections has ended.
    /// - Parameter wall: now, in microseconds since 1970.
    package mutating func leave(_ user: UserID, _ connection: Connection, wall: UInt64) {
        guard var entry = entries[user], entry.connections > 0 else { return }
        entry.connections -= 1
        entry.seenAt = wall
        let grace = connection == .poll ? rules.pollGrace : rules.grace
        entry.expiresAt = max(entry.expiresAt, second + grace)
        if entry.connections == 0, !entry.isExpiring {
            entry.isExpiring = true
            expiries[entry.expiresAt % expiries.count].append(user)
        }
        entries[user] = entry
    }

    // MARK: Time

    /// One second has gone by.
    package mutating func advance() {
        second += 1
        let slot = second % expiries.count
        overdue.append(contentsOf: expiries[slot])
        expiries[slot] = []
    }

    /// All who are online, as if they went now. For the end of the server.
    package func everybody(wall: UInt64) -> [LastSeen] {
        entries.map { user, entry in
            LastSeen(user: user, at: entry.connections > 0 ? wall : entry.seenAt)
        }
    }
}
