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
    case drain
    case closeAll
}

/// The way into a loop from other threads: posts gather, and one `execute` fetches all of them.
/// Their order is kept.
package final class HubMailbox: Sendable {
    private let loop: any EventLoop
    private let posts = NIOLockedValueBox<[HubPost]>([])
    private let deliver: @Sendable ([HubPost]) -> Void

    /// - Parameter deliver: called on the loop.
    init(loop: any EventLoop, deliver: @escaping @Sendable ([HubPost]) -> Void) {
        self.loop = loop
        self.deliver = deliver
    }

    func post(_ post: HubPost) {
        let isFirst = posts.withLockedValue { posts in
            posts.append(post)
            return posts.count == 1
        }
        guard isFirst else { return }
        loop.execute { [self] in
            deliver(
                posts.withLockedValue { posts in
                    let batch = posts
                    posts = []
                    return batch
                })
        }
    }
}
