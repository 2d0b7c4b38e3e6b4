package import MartletChat

/// A member's cursor in a group that has moved.
package struct MovedCursor: Hashable, Sendable {
    package var group: ConversationID
    package var user: UserID

    package init(group: ConversationID, user: UserID) {
        self.group = group
        self.user = user
    }
}

/// Who looks at whom: one set for each socket that watches, bounded by the protocol.
extension PresenceBoard {
    struct Watch {
        var viewer: UserID
        var users: [UserID]
        var groups: [ConversationID]
    }

    /// The socket looks at these from now on, and at nobody else.
    package mutating func watch(
        _ socket: SocketID, by viewer: UserID, users: [UserID], groups: [ConversationID]
    ) {
        unwatch(socket)
        let watcher = Watcher(socket: socket, viewer: viewer)
        var watch = Watch(viewer: viewer, users: [], groups: [])
        for user in users where user != viewer {
            if Self.add(watcher, to: &watchersOfUsers[user, default: []], rules.watchers) {
                watch.users.append(user)
            }
        }
        for group in groups {
            if Self.add(watcher, to: &watchersOfGroups[group, default: []], rules.watchers) {
                watch.groups.append(group)
            }
        }
        if !watch.users.isEmpty || !watch.groups.isEmpty { watches[socket] = watch }
    }

    /// The socket looks at nobody any more.
    package mutating func unwatch(_ socket: SocketID) {
        guard let old = watches.removeValue(forKey: socket) else { return }
        let watcher = Watcher(socket: socket, viewer: old.viewer)
        for user in old.users { Self.remove(watcher, from: &watchersOfUsers[user]) }
        for group in old.groups { Self.remove(watcher, from: &watchersOfGroups[group]) }
    }

    /// A member's cursor has moved. Told once a second, however often it moves.
    package mutating func moved(_ cursor: MovedCursor) {
        guard watchersOfGroups[cursor.group] != nil, receipts.count < rules.receiptsQueued,
            queuedReceipts.insert(cursor).inserted
        else { return }
        receipts.append(cursor)
    }

    private static func add(_ watcher: Watcher, to set: inout Set<Watcher>, _ bound: Int) -> Bool {
        set.count < bound && set.insert(watcher).inserted
    }

    private static func remove(_ watcher: Watcher, from set: inout Set<Watcher>?) {
        set?.remove(watcher)
        if set?.isEmpty == true { set = nil }
    }
}
