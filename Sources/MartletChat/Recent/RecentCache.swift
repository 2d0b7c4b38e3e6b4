import MartletStore

/// What devices of active users would start with, kept up to date event by event, within a bound
/// of bytes. Those not asked for lately give way.
///
/// `@unchecked Sendable`: all mutable state is touched under `monitor` only.
final class RecentCache: @unchecked Sendable {
    private struct Slot {
        var user: UserID
        var page: StartPage
        var cost: Int
        var used: Bool
    }

    private let monitor = Monitor()
    private let bound: Int
    private var places: [UserID: Int] = [:]
    private var slots: [Slot] = []
    private var hand = 0
    private var bytes = 0
    /// Users whose page is being read, with the events that came meanwhile.
    private var building: [UserID: [InboxEvent]] = [:]

    /// Events kept for a page under construction; with more it is not kept.
    private static let eventsMax = 256

    init(bytes: Int) {
        bound = bytes
    }

    /// The page, as of the user's last event.
    func page(of user: UserID) -> StartPage? {
        monitor.withLock {
            guard let place = places[user] else { return nil }
            slots[place].used = true
            return slots[place].page
        }
    }

    /// From now on events of `user` are kept for `finish`. False if somebody is at it already.
    func begin(_ user: UserID) -> Bool {
        monitor.withLock {
            guard building[user] == nil else { return false }
            building[user] = []
            return true
        }
    }

    /// Takes a page that was read after `begin`; `nil` where reading failed.
    func finish(_ user: UserID, _ page: StartPage?) {
        monitor.withLock {
            guard let events = building.removeValue(forKey: user), var page,
                events.count < Self.eventsMax
            else { return }
            for event in events where !page.apply(event, of: user) { return }
            remove(user)
            insert(Slot(user: user, page: page, cost: page.cost, used: false))
        }
    }

    /// Events that are stored, in the order of each user's.
    func apply(_ deliveries: [Delivery]) {
        monitor.withLock {
            if slots.isEmpty && building.isEmpty { return }
            for delivery in deliveries { apply(delivery) }
        }
    }

    private func apply(_ delivery: Delivery) {
        let user = delivery.user
        if let count = building[user]?.count, count < Self.eventsMax {
            building[user]?.append(delivery.event)
        }
        guard let place = places[user] else { return }
        guard slots[place].page.apply(delivery.event, of: user) else { return remove(user) }
        let cost = slots[place].page.cost
        bytes += cost - slots[place].cost
        slots[place].cost = cost
        makeRoom(for: 0)
    }

    /// What is known of the user has changed past the inbox.
    func forget(_ user: UserID) {
        monitor.withLock {
            remove(user)
            // Too many events: what is under construction is not kept.
            if building[user] != nil {
                let event = InboxEvent(
                    seq: 0, kind: .delivered(ConversationID(rawValue: 0), upTo: 0))
                building[user] = Array(repeating: event, count: Self.eventsMax)
            }
        }
    }

    private func insert(_ slot: Slot) {
        guard slot.cost <= bound / 8 else { return }
        makeRoom(for: slot.cost)
        places[slot.user] = slots.count
        slots.append(slot)
        bytes += slot.cost
    }

    private func makeRoom(for cost: Int) {
        while bytes + cost > bound, !slots.isEmpty {
            if hand >= slots.count { hand = 0 }
            if slots[hand].used {
                slots[hand].used = false
                hand += 1
            } else {
                remove(slots[hand].user)
            }
        }
    }

    private func remove(_ user: UserID) {
        guard let place = places.removeValue(forKey: user) else { return }
        bytes -= slots[place].cost
        let last = slots.removeLast()
        if place < slots.count {
            slots[place] = last
            places[last.user] = place
        }
    }
}
