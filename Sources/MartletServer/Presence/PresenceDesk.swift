import MartletChat
import NIOConcurrencyHelpers

/// The shell around the `PresenceBoard`: all loops share it.
///
/// One board behind one lock, rather than a board that the first loop owns: the answer to a `send`
/// tells whether the peer is online, and asks that on the thread of the commits, which cannot wait
/// for a loop. Under the lock nothing blocks and nothing costs more than a watch set, but for the
/// work of a second, whose bounds the rules set.
///
/// What needs the store goes to the domain's presence thread. One second's work is under way at a
/// time: while that thread is behind, nothing new is taken, and messages wait for none of it. Holds
/// V3 and V5.
package final class PresenceDesk: Sendable {
    private struct State {
        var board: PresenceBoard
        /// Parts of a second's work that are not done yet.
        var underWay = 0
        /// Flaps of the board that are counted.
        var flaps = 0
        var post: @Sendable (HubPost) -> Void = { _ in }
    }

    private let state: NIOLockedValueBox<State>
    private let source: PresenceSource
    /// Microseconds since 1970.
    private let clock: @Sendable () -> UInt64
    private let registry: MetricRegistry

    /// - Parameter registry: where its work is counted.
    package init(
        _ source: PresenceSource, rules: PresenceRules = PresenceRules(),
        registry: MetricRegistry = MetricRegistry(), clock: @escaping @Sendable () -> UInt64
    ) {
        self.source = source
        self.registry = registry
        self.clock = clock
        state = NIOLockedValueBox(State(board: PresenceBoard(rules)))
    }

    /// Sets the way to all loops. Before the first connection.
    func reach(_ post: @escaping @Sendable (HubPost) -> Void) {
        state.withLockedValue { $0.post = post }
    }

    // MARK: Connections

    func joined(_ user: UserID) {
        state.withLockedValue { $0.board.join(user) }
    }

    func left(_ user: UserID, _ connection: PresenceBoard.Connection) {
        let wall = clock()
        state.withLockedValue { $0.board.leave(user, connection, wall: wall) }
    }

    func isOnline(_ user: UserID) -> Bool {
        state.withLockedValue { $0.board.isOnline(user) }
    }

    func isConnected(_ user: UserID) -> Bool {
        state.withLockedValue { $0.board.isConnected(user) }
    }

    func watch(
        _ socket: SocketID, by viewer: UserID, users: [UserID], groups: [ConversationID]
    ) {
        state.withLockedValue {
            $0.board.watch(socket, by: viewer, users: users, groups: groups)
        }
    }

    func unwatch(_ socket: SocketID) {
        state.withLockedValue { $0.board.unwatch(socket) }
    }

    /// A member's cursor in a group has moved.
    func moved(_ user: UserID, in group: ConversationID) {
        state.withLockedValue { $0.board.moved(MovedCursor(group: group, user: user)) }
    }

    // MARK: Requests

    /// How these users are, or the viewer's contacts for nil. The state is that of the reply's
    /// moment.
    func look(
        at users: [UserID]?, for viewer: UserID,
        _ reply: @escaping @Sendable (Result<[PresenceState], ChatError>) -> Void
    ) {
        let done: PresenceSource.Reply<[VisiblePresence]> = { [self] result in
            if case .success(let found) = result { count(.pulled, found.count) }
            reply(result.map { shown($0) })
        }
        if let users {
            source.visible(users, viewer, done)
        } else {
            source.contacts(viewer, done)
        }
    }

    private func shown(_ found: [VisiblePresence]) -> [PresenceState] {
        state.withLockedValue { state in
            found.map { one in
                guard one.isVisible else { return PresenceState(user: one.user, kind: .unknown) }
                if state.board.isOnline(one.user) {
                    return PresenceState(user: one.user, kind: .online)
                }
                return PresenceState(
                    user: one.user, kind: .offline,
                    lastSeen: state.board.lastSeen(one.user) ?? one.lastSeen)
            }
        }
    }

    /// Tells those who may know that `user` writes something.
    func typing(_ user: UserID, in conversation: ConversationID) {
        if !conversation.isGroup {
            let peer = conversation.peer
            guard peer != user, state.withLockedValue({ $0.board.isConnected(peer) }) else {
                return
            }
        }
        let isConnected: @Sendable (UserID) -> Bool = { [self] other in
            state.withLockedValue { $0.board.isConnected(other) }
        }
        source.typing(user, conversation, isConnected) { [self] result in
            guard case .success(let users) = result, !users.isEmpty else { return }
            let shown = conversation.isGroup ? conversation : ConversationID(with: user)
            let post = state.withLockedValue { $0.post }
            post(.typing(TypingPush(frame: .typing(shown, user), users: users)))
        }
    }

    // MARK: Time

    /// One second has gone by. One loop calls it.
    package func tick() {
        let (work, flaps, isBehind) = state.withLockedValue { state in
            state.board.advance()
            let flaps = state.board.flaps - state.flaps
            state.flaps = state.board.flaps
            guard state.underWay == 0 else { return (PresenceBoard.Work(), flaps, true) }
            let work = state.board.takeWork()
            for isEmpty in [
                work.arrivals.isEmpty, work.receipts.isEmpty, work.departures.isEmpty,
            ] where !isEmpty {
                state.underWay += 1
            }
            return (work, flaps, state.board.isBehind)
        }
        count(.flap, flaps)
        count(.deferred, isBehind ? 1 : 0)
        if !work.departures.isEmpty { source.record(work.departures) { [self] _ in done() } }
        if !work.receipts.isEmpty { tell(work.receipts) }
        if !work.arrivals.isEmpty { tell(work.arrivals) }
    }

    /// The server stops: stores when those who are still there were last seen.
    func close() {
        let wall = clock()
        let everybody = state.withLockedValue { $0.board.everybody(wall: wall) }
        var rest = everybody[...]
        while !rest.isEmpty {
            source.record(Array(rest.prefix(1_000))) { _ in }
            rest = rest.dropFirst(1_000)
        }
    }

    private func tell(_ arrivals: [(user: UserID, watchers: [Watcher])]) {
        let questions = arrivals.map {
            PresenceQuestion(user: $0.user, viewers: $0.watchers.map(\.viewer))
        }
        source.audiences(questions) { [self] result in
            defer { done() }
            guard case .success(let audiences) = result else { return }
            var pushes: [WatchPush] = []
            for (arrival, audience) in zip(arrivals, audiences) {
                let allowed = Set(audience)
                let frame = PresenceState(user: arrival.user, kind: .online)
                pushes.append(
                    WatchPush(
                        frame: .presence(frame),
                        watchers: arrival.watchers.filter { allowed.contains($0.viewer) }))
            }
            push(pushes)
        }
    }

    private func tell(_ receipts: [(cursor: MovedCursor, watchers: [Watcher])]) {
        let questions = receipts.map { (cursor, watchers) in
            (
                cursor.group,
                PresenceQuestion(user: cursor.user, viewers: watchers.map(\.viewer))
            )
        }
        var watchers: [MovedCursor: [Watcher]] = [:]
        for receipt in receipts { watchers[receipt.cursor] = receipt.watchers }
        source.receipts(questions) { [self, watchers] result in
            defer { done() }
            guard case .success(let found) = result else { return }
            push(
                found.map { receipt in
                    let allowed = Set(receipt.audience)
                    let moved = MovedCursor(group: receipt.group, user: receipt.user)
                    return WatchPush(
                        frame: .receipt(receipt),
                        watchers: (watchers[moved] ?? []).filter { allowed.contains($0.viewer) })
                })
        }
    }

    private func push(_ pushes: [WatchPush]) {
        let told = pushes.filter { !$0.watchers.isEmpty }
        if told.isEmpty { return }
        state.withLockedValue { $0.post }(.watched(told))
    }

    private func count(_ work: ServerMetrics.PresenceWork, _ amount: Int) {
        if amount > 0 { registry.shared.add(registry.metrics.presence, work.index, by: amount) }
    }

    private func done() {
        state.withLockedValue { $0.underWay -= 1 }
    }
}
