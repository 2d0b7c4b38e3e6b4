import MartletChat
import NIOConcurrencyHelpers
import NIOCore

/// What other threads tell a loop's hub.
enum HubPost: Sendable {
    /// Events of one commit, each for the devices of its user.
    case events([Delivery])
    /// For the connection with this key.
    case outcome(UInt64, ticket: UInt32, ChatOutcome)
    /// A token was logged out: every socket and poll with it must go.
    case revoke(UserID, token: String)
    /// A poll has come: older ones with its token end.
    case newPoll(UserID, token: String, serial: UInt64)
    /// A device, or all of a user's, has ended.
    case ended(SessionEnd)
    /// For those of these sockets that are this loop's.
    case watched([WatchPush])
    /// For all sockets of some users.
    case typing(TypingPush)
    /// What this user's connections were told goes on nowhere: they must come back.
    case cut(UserID)
    case drain
    case closeAll
    /// Somebody reads the metrics: count what waits.
    case measure
}

/// The way into a loop from other threads: posts gather, and one `execute` fetches all of them.
/// Their order is kept.
package final class HubMailbox: Sendable {
    private struct State {
        var posts: [HubPost] = []
        /// Emptied by the loop, with its memory for the next posts.
        var spare: [HubPost] = []
        /// When the first of `posts` came.
        var since: UInt64 = 0
        /// Whether the loop is on its way to them.
        var isWoken = false
        /// Whether somebody will post more in a moment.
        var isHeld = false

        /// Whether the loop must be woken.
        mutating func append(_ post: HubPost) -> Bool {
            if posts.isEmpty { since = HubMeter.now() }
            posts.append(post)
            return wakes()
        }

        mutating func wakes() -> Bool {
            if isWoken || isHeld || posts.isEmpty { return false }
            isWoken = true
            return true
        }
    }

    private let loop: any EventLoop
    private let state = NIOLockedValueBox(State())
    private let deliver: @Sendable ([HubPost], UInt64) -> Void

    /// Posts whose memory is kept.
    private static let kept = 1_024

    /// - Parameter deliver: called on the loop, with the time of the first post.
    init(loop: any EventLoop, deliver: @escaping @Sendable ([HubPost], UInt64) -> Void) {
        self.loop = loop
        self.deliver = deliver
    }

    func post(_ post: HubPost) {
        if state.withLockedValue({ $0.append(post) }) { wake() }
    }

    /// As `post`; from now on the loop is not woken before `release`.
    func hold(with post: HubPost) {
        state.withLockedValue { state in
            state.isHeld = true
            _ = state.append(post)
        }
    }

    func release() {
        let wakes = state.withLockedValue { state in
            state.isHeld = false
            return state.wakes()
        }
        if wakes { wake() }
    }

    private func wake() {
        loop.execute { [self] in fetch() }
    }

    /// On the loop.
    private func fetch() {
        var posts: [HubPost] = []
        var since: UInt64 = 0
        state.withLockedValue { state in
            swap(&posts, &state.posts)
            swap(&state.posts, &state.spare)
            since = state.since
            state.isWoken = false
        }
        deliver(posts, since)
        if posts.capacity > Self.kept { return }
        posts.removeAll(keepingCapacity: true)
        state.withLockedValue { swap(&posts, &$0.spare) }
    }
}
