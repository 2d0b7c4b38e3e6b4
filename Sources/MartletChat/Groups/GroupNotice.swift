/// What a member may do in a group.
public enum GroupRole: UInt8, Hashable, Sendable, CustomStringConvertible {
    /// Writes, and leaves.
    case member = 1
    /// Also renames, adds and removes members, makes invitations, deletes any message.
    case admin = 2
    /// Also changes roles, and removes admins.
    case owner = 3

    /// As the protocol writes it.
    public var description: String {
        switch self {
        case .member: "member"
        case .admin: "admin"
        case .owner: "owner"
        }
    }

    /// Reads what `description` writes.
    public init?(_ text: some StringProtocol) {
        switch text {
        case "member": self = .member
        case "admin": self = .admin
        case "owner": self = .owner
        default: return nil
        }
    }
}

/// A change of a group. It has a number in the group's conversation, like a message, so that
/// everybody sees it at the same place.
public struct GroupNotice: Hashable, Sendable {
    /// What changed.
    public enum Kind: UInt8, Hashable, Sendable, CustomStringConvertible {
        /// The sender made the group, called `name`.
        case created = 1
        /// The group is called `name` now.
        case renamed = 2
        /// The sender added `user`.
        case added = 3
        /// The sender removed `user`.
        case removed = 4
        /// The sender left.
        case left = 5
        /// The sender came by an invitation.
        case joined = 6
        /// `user` has `role` now.
        case role = 7

        /// As the protocol writes it.
        public var description: String {
            switch self {
            case .created: "created"
            case .renamed: "renamed"
            case .added: "added"
            case .removed: "removed"
            case .left: "left"
            case .joined: "joined"
            case .role: "role"
            }
        }
    }

    /// What changed.
    public var kind: Kind
    /// Whom it concerns, other than the sender.
    public var user: UserID?
    /// The group's name.
    public var name: String?
    /// The new role.
    public var role: GroupRole?

    /// A notice of these parts.
    public init(
        _ kind: Kind, user: UserID? = nil, name: String? = nil, role: GroupRole? = nil
    ) {
        self.kind = kind
        self.user = user
        self.name = name
        self.role = role
    }

    func encode(into bytes: inout [UInt8]) {
        bytes.append(kind.rawValue)
        bytes.append(big: user?.rawValue ?? 0)
        bytes.append(role?.rawValue ?? 0)
        bytes.append(varint: UInt64(name?.utf8.count ?? 0))
        if let name { bytes.append(contentsOf: name.utf8) }
    }

    init?(_ reader: inout ByteReader) {
        guard let kind = reader.byte().flatMap({ Kind(rawValue: $0) }),
            let user = reader.uint64(), let role = reader.byte(), let length = reader.varint(),
            length <= 1 << 16, let name = reader.take(Int(length))
        else { return nil }
        self.init(
            kind, user: user == 0 ? nil : UserID(rawValue: user),
            name: length == 0 ? nil : String(decoding: name, as: UTF8.self),
            role: role == 0 ? nil : GroupRole(rawValue: role))
        if role != 0, self.role == nil { return nil }
    }
}
