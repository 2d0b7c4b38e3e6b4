package import MartletChat

/// What is done each second, within the bounds of the rules.
extension PresenceBoard {
    /// What one second brings. Who may be told is looked up by whoever takes it.
    package struct Work: Sendable {
        /// Users who came online, with those to tell.
        package var arrivals: [(user: UserID, watchers: [Watcher])] = []
        /// Cursors that moved, with those to tell.
        package var receipts: [(cursor: MovedCursor, watchers: [Watcher])] = []
        /// Users who went offline, and when they were last there.
        package var departures: [LastSeen] = []

        package var isEmpty: Bool {
            arrivals.isEmpty && receipts.isEmpty && departures.isEmpty
        }

        package init() {}
    }

    /// Takes what is due. What does not fit waits in its queue for the next call.
    package mutating func takeWork() -> Work {
        var work = Work()
        takeDepartures(&work)
        var budget = rules.pushesPerTick
        takeReceipts(&work, &budget)
        takeArrivals(&work, &budget)
        return work
    }

    /// Whether something is due that the last call had no room for.
    package var isBehind: Bool {
        overdue.count > 0 || unfinished != nil || !queuedReceipts.isEmpty
            || arrivals.first.map { $0.at <= second } ?? false
    }

    private mutating func takeDepartures(_ work: inout Work) {
        for _ in 0..<min(overdue.count, rules.departuresPerTick) {
            guard let user = overdue.popFirst(), var entry = entries[user] else { continue }
            if entry.connections == 0, entry.expiresAt <= second {
                entries[user] = nil
                work.departures.append(LastSeen(user: user, at: entry.seenAt))
                continue
            }
            entry.isExpiring = entry.connections == 0
            if entry.isExpiring { expiries[entry.expiresAt % expiries.count].append(user) }
            entries[user] = entry
        }
    }

    /// Half of what may be told in a second goes to receipts at most, so to one receipt too.
    private mutating func takeReceipts(_ work: inout Work, _ budget: inout Int) {
        let most = max(1, budget / 2)
        var used = 0
        while used < most, let cursor = receipts.first {
            let watchers = watchersOfGroups[cursor.group] ?? []
            let cost = min(most, 1 + watchers.count)
            if used + cost > most { break }
            used += cost
            _ = receipts.popFirst()
            queuedReceipts.remove(cursor)
            if !watchers.isEmpty { work.receipts.append((cursor, Array(watchers.prefix(cost)))) }
        }
        budget -= used
    }

    private mutating func takeArrivals(_ work: inout Work, _ budget: inout Int) {
        while budget > 0 {
            if let (user, rest) = unfinished {
                unfinished = nil
                tell(user, rest, &work, &budget)
                continue
            }
            guard let next = arrivals.first, next.at <= second else { return }
            _ = arrivals.popFirst()
            budget -= 1
            guard var entry = entries[next.user], entry.arrivesAt == next.at else { continue }
            entry.arrivesAt = nil
            if entry.connections > 0 { entry.isNews = false } else { flaps += 1 }
            entries[next.user] = entry
            // Who has gone meanwhile is news again when they come back.
            guard entry.connections > 0, let watchers = watchersOfUsers[next.user] else { continue }
            tell(next.user, ArraySlice(watchers), &work, &budget)
        }
    }

    private mutating func tell(
        _ user: UserID, _ watchers: ArraySlice<Watcher>, _ work: inout Work, _ budget: inout Int
    ) {
        let now = watchers.prefix(max(1, budget))
        budget -= now.count
        work.arrivals.append((user, Array(now)))
        let rest = watchers.dropFirst(now.count)
        if !rest.isEmpty { unfinished = (user, rest) }
    }
}
