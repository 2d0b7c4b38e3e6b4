package import MartletChat

/// The times and bounds of presence. Times are seconds.
package struct PresenceRules: Sendable {
    /// After the last socket has gone a user counts as online for so long: flaps vanish.
    package var grace = 10
    /// The same behind the last poll: between two polls nobody is gone.
    package var pollGrace = 30
    /// A coming-online is told so late, and only if the user is still there.
    package var announceAfter = 3
    /// Users whose coming-online waits to be told, at most; that of more is not told.
    package var announcementsQueued = 16_384
    /// Moved cursors that wait to be told, at most; more are not told.
    package var receiptsQueued = 4_096
    /// Watchers who are told something in one second, all together.
    package var pushesPerTick = 2_000
    /// Users who go offline in one second; the others do a second later.
    package var departuresPerTick = 1_000
    /// Sockets that watch one user or one conversation, at most: more are told nothing.
    package var watchers = 4_096

    package init() {}
}

/// A socket, among those of all loops.
package struct SocketID: Hashable, Sendable {
    /// The loop's number.
    package var loop: Int
    /// The hub's key.
    package var key: UInt64

    package init(loop: Int, key: UInt64) {
        self.loop = loop
        self.key = key
    }
}

/// A socket that looks at somebody, and whose it was when it began to.
package struct Watcher: Hashable, Sendable {
    package var socket: SocketID
    package var viewer: UserID

    package init(socket: SocketID, viewer: UserID) {
        self.socket = socket
        self.viewer = viewer
    }
}
