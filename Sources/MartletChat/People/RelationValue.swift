/// A row of `relations`: how one user stands to another. Each of the two has such a row about the
/// other; one that says nothing may be missing.
struct RelationValue: Hashable, Sendable {
    var contact = ContactState.none
    /// The owner of the row has blocked the other.
    var blocked = false

    func encoded() -> [UInt8] { [1, contact.rawValue, blocked ? 1 : 0] }
}

extension RelationValue {
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 3, bytes[0] == 1, let contact = ContactState(rawValue: bytes[1]),
            bytes[2] < 2
        else { return nil }
        self.init(contact: contact, blocked: bytes[2] == 1)
    }
}

/// How far two users are on the way to being contacts, from the side of one of them. Raw values are
/// part of the format.
public enum ContactState: UInt8, Sendable, Hashable, CaseIterable {
    /// Strangers.
    case none = 0
    /// I have asked.
    case requested = 1
    /// I was asked.
    case incoming = 2
    /// Both want it.
    case contact = 3
}
