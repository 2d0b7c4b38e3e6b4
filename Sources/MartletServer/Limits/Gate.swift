import Glibc
package import Logging
package import MartletChat
import NIOConcurrencyHelpers

/// Who may connect, ask and try how often: the limits of all loops, behind one lock that is held
/// for some table look-ups at most. The rules are in `TokenBucket`, `LoginThrottle` and
/// `VerbClass`.
package final class Gate: Sendable {
    private struct Key: Hashable {
        var subject: UInt64
        /// Twice the class, plus 1 for addresses; from `requests` on they are the gate's own.
        var kind: UInt8
    }

    private struct State {
        var buckets: BoundedTable<Key, TokenBucket>
        var logins: LoginThrottle
        var connections: [UInt64: Int] = [:]
        /// Those that are no sockets.
        var plain = 0
        var nextID: UInt64 = 0
        var log: BoundedLog
        var faults: BoundedLog
    }

    private static let requests: UInt8 = 200
    private static let connects: UInt8 = 202

    package let limits: ChatServerLimits
    private let trustedProxies: Set<ClientAddress>
    private let plainMost: Int
    private let logger: Logger
    /// Whether each request makes a line.
    let logsRequests: Bool
    /// Microseconds of a clock that never steps back.
    let now: @Sendable () -> UInt64
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - trustedProxies: whose `X-Forwarded-For` is believed.
    ///   - plainMost: connections that are no sockets, of all addresses; more are not taken.
    ///   - now: microseconds of a clock that never steps back.
    package init(
        _ limits: ChatServerLimits, trustedProxies: Set<ClientAddress> = [],
        plainMost: Int = .max, logger: Logger = Gate.silence,
        now: @escaping @Sendable () -> UInt64 = Gate.uptime
    ) {
        self.limits = limits
        self.trustedProxies = trustedProxies
        self.plainMost = plainMost
        self.logger = logger
        logsRequests = logger.logLevel <= .debug
        self.now = now
        state = NIOLockedValueBox(
            State(
                buckets: BoundedTable(
                    capacity: limits.rememberedKeys, initial: TokenBucket()),
                logins: LoginThrottle(limits.loginDelays, capacity: limits.rememberedKeys),
                log: BoundedLog(logger, .notice, "security"),
                faults: BoundedLog(logger, .error, "request failed")))
    }

    /// For whoever wants no log.
    package static let silence = Logger(label: "martlet") { _ in SwiftLogNoOpLogHandler() }

    /// Microseconds since the machine started.
    package static let uptime: @Sendable () -> UInt64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    /// Keys that are remembered now, for tests and figures.
    package var rememberedKeys: Int {
        state.withLockedValue { $0.buckets.count + $0.logins.count }
    }

    /// A number higher than every one before, on all loops.
    func nextSerial() -> UInt64 {
        state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
    }

    // MARK: Connections

    /// A new connection; nil if its address, or the server, has too many.
    package func open(_ address: ClientAddress) -> Peer? {
        let isTrusted = trustedProxies.contains(address)
        let peer = Peer(id: nextSerial(), address: address)
        let hasRoom = state.withLockedValue { state in
            guard state.plain < plainMost else { return false }
            state.plain += 1
            return true
        }
        guard hasRoom else {
            note(.tooManyConnections, peer.label)
            return nil
        }
        if isTrusted || count(peer, as: address) { return peer }
        close(peer)
        return nil
    }

    /// The connection is a socket from now on, and counted as such elsewhere.
    package func upgraded(_ peer: Peer) {
        guard peer.isPlain else { return }
        peer.isPlain = false
        state.withLockedValue { $0.plain -= 1 }
    }

    /// Counts the connection under an address.
    /// - Returns: false if that one has too many; nothing is counted then.
    private func count(_ peer: Peer, as address: ClientAddress) -> Bool {
        let time = now()
        let key = address.key
        let isFree = state.withLockedValue { state in
            if let most = Self.bound(limits.connectionsPerAddress),
                state.connections[key, default: 0] >= most
            {
                return false
            }
            if !limits.connects.isOff {
                let bucket = Key(subject: key, kind: Self.connects)
                let wait = state.buckets.update(bucket) { $0.take(limits.connects, at: time) }
                if wait != nil { return false }
            }
            state.connections[key, default: 0] += 1
            return true
        }
        if isFree { peer.countedAs = key } else { note(.tooManyConnections, peer.label) }
        return isFree
    }

    private static func bound(_ limit: Int) -> Int? { limit > 0 ? limit : nil }

    /// The connection has ended. Calling it again does nothing.
    package func close(_ peer: Peer) {
        upgraded(peer)
        guard let key = peer.countedAs else { return }
        peer.countedAs = nil
        state.withLockedValue { state in
            let left = state.connections[key, default: 1] - 1
            state.connections[key] = left > 0 ? left : nil
        }
    }

    /// Believes a trusted proxy who its client is.
    /// - Parameters:
    ///   - forwarded: the values of `X-Forwarded-For`, in their order.
    ///   - countsConnection: whether the connection is that client's alone from now on.
    /// - Returns: false if that client has too many connections.
    package func identify(
        _ peer: Peer, forwarded: [Substring], countsConnection: Bool
    ) -> Bool {
        guard trustedProxies.contains(peer.socketAddress) else { return true }
        let chain = forwarded.reversed().map { ClientAddress($0) }
        let client = chain.first { $0.map { !trustedProxies.contains($0) } ?? true }
        peer.address = (client ?? nil) ?? peer.socketAddress
        return !countsConnection || peer.countedAs != nil || count(peer, as: peer.address)
    }

    // MARK: Requests

    /// Takes a request out of the buckets of its user, or of its address while it has none.
    /// - Parameter user: the user of the socket or token.
    /// - Returns: nil if it may go on, else the milliseconds to wait.
    package func admit(_ verb: VerbClass, _ user: UserID?, _ peer: Peer) -> UInt64? {
        let isEntrance = verb == .login || verb == .register
        let whole = user == nil ? limits.addressRequests : limits.requests
        let own = user != nil || isEntrance ? verb.limit(in: limits) : .off
        if whole.isOff && own.isOff { return nil }
        let time = now()
        let address = peer.address.key
        let wait = state.withLockedValue { state -> UInt64? in
            if !whole.isOff {
                let key =
                    user.map { Key(subject: $0.rawValue, kind: Self.requests) }
                    ?? Key(subject: address, kind: Self.requests + 1)
                if let wait = state.buckets.update(key, { $0.take(whole, at: time) }) {
                    return wait
                }
            }
            if own.isOff { return nil }
            let subject = isEntrance ? address : user?.rawValue ?? address
            let key = Key(subject: subject, kind: 2 * verb.rawValue + (isEntrance ? 1 : 0))
            return state.buckets.update(key) { $0.take(own, at: time) }
        }
        guard let wait else { return nil }
        note(.rateLimited, peer.requestLabel, user: user, ["class": "\(verb)"])
        return milliseconds(wait)
    }

    private func milliseconds(_ microseconds: UInt64) -> UInt64 {
        max(1, (microseconds + 999) / 1000)
    }

    // MARK: Logins

    /// A name whose password is about to be tried, by hash.
    package struct Login: Sendable {
        fileprivate var name: UInt64
        fileprivate var address: UInt64
        fileprivate var peer: PeerLabel
    }

    /// - Returns: a failure with the milliseconds to wait if the name or the address must.
    package func beginLogin(_ name: String, _ peer: Peer) -> (login: Login, wait: UInt64?) {
        beginLogin(name, peer, peer.requestLabel)
    }

    /// As above, of a request that did not come last.
    func beginLogin(
        _ name: String, _ peer: Peer, _ label: PeerLabel
    ) -> (login: Login, wait: UInt64?) {
        let login = Login(
            name: Self.hash(name.lowercased()), address: Self.hash(peer.address.key),
            peer: label)
        let time = now()
        let wait = state.withLockedValue {
            $0.logins.begin(name: login.name, address: login.address, at: time)
        }
        if wait != nil { note(.loginDelayed, label) }
        return (login, wait.map(milliseconds))
    }

    /// The password was the right one, or not, or nobody can say (nil). On any thread.
    package func endLogin(_ login: Login, succeeded: Bool?) {
        state.withLockedValue { state in
            switch succeeded {
            case true?: state.logins.succeeded(name: login.name, address: login.address)
            case nil: state.logins.undecided(name: login.name, address: login.address)
            case false?: break
            }
        }
        if succeeded == false { note(.loginFailed, login.peer) }
    }

    /// Seeded anew by each process, so that nobody can aim for another name's delays.
    private static func hash(_ value: some Hashable) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(value)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    // MARK: The log

    /// Logs an event of a connection. On any thread.
    package func note(
        _ event: SecurityEvent, _ peer: PeerLabel, user: UserID? = nil,
        _ more: Logger.Metadata = [:]
    ) {
        var metadata = peer.metadata(more)
        metadata["event"] = "\(event.rawValue)"
        if let user { metadata["user"] = "\(user)" }
        let (shown, time) = (metadata, now())
        state.withLockedValue { $0.log.line(shown, at: time) }?()
    }

    /// A token of an issuer is not accepted, for this reason.
    func noteRefusedToken(_ peer: PeerLabel, reason: String) {
        note(.tokenRefused, peer, ["reason": "\(reason)"])
    }

    /// Logs what became of a request: faults of the server always, all others on `debug`.
    func ended(_ verb: String, _ peer: PeerLabel, _ error: ChatError?) {
        let isFault = error?.code == .internal
        guard isFault || logsRequests else { return }
        var metadata = peer.metadata(["verb": "\(verb)"])
        metadata["outcome"] = "\(error?.code.description ?? "done")"
        guard isFault, let error else { return logger.debug("request", metadata: metadata) }
        metadata["reason"] = "\(error.message)"
        let (shown, time) = (metadata, now())
        state.withLockedValue { $0.faults.line(shown, at: time) }?()
    }
}
