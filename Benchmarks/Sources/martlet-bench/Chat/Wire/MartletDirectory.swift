/// What the clients of one Martlet server know of each other: ids and tokens.
final class MartletDirectory {
    struct Account {
        var id: UInt64
        var token: String
    }

    /// By the user's number.
    var accounts: [Int: Account] = [:]
    /// Conversation ids of groups, by the group's number.
    var groups: [Int: UInt64] = [:]
    /// Distinguishes the client message ids of this run from others'.
    let run: UInt64

    init(run: UInt64) {
        self.run = run
    }

    /// The id of a conversation; nil if it does not exist yet.
    func conversation(_ target: Target) -> UInt64? {
        switch target {
        case .user(let user): accounts[user]?.id
        case .group(let group): groups[group]
        }
    }
}
