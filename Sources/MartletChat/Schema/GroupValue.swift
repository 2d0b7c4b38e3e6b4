/// A row of `groups`.
struct GroupValue: Hashable, Sendable {
    var name: String
    /// Microseconds since 1970.
    var createdAt: UInt64
    /// The number of the last message or notice.
    var last: UInt64
    /// Members now.
    var count: UInt64 = 0
    /// Edits and deletions so far.
    var revisions: UInt64 = 0
    /// SHA-256 of the invitation in force, if there is one.
    var link: [UInt8]?

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(varint: createdAt)
        bytes.append(varint: last)
        bytes.append(varint: count)
        bytes.append(varint: revisions)
        bytes.append(UInt8(truncatingIfNeeded: link?.count ?? 0))
        if let link { bytes.append(contentsOf: link) }
        bytes.append(contentsOf: name.utf8)
        return bytes
    }
}

extension GroupValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let createdAt = reader.varint(), let last = reader.varint(),
            let count = reader.varint(), let revisions = reader.varint(),
            let length = reader.byte(),
            let link = reader.take(Int(length))
        else { return nil }
        self.init(
            name: String(decoding: reader.rest(), as: UTF8.self), createdAt: createdAt,
            last: last, count: count, revisions: revisions,
            link: length == 0 ? nil : Array(link))
    }
}

/// A row of `members`: a user's standing in a group, also of one who has left.
struct MemberValue: Hashable, Sendable {
    /// A time in the group, by what may be read of it.
    struct Stay: Hashable, Sendable {
        /// The first number, of the notice that let the member in.
        var from: UInt64
        /// The last number; `nil` while the member is in.
        var to: UInt64?
        /// The group's revisions at the beginning and at the end: what a message was edited to
        /// between them is shown, as what was written between the numbers is.
        var revisionsBefore: UInt64 = 0
        var revisions: UInt64 = 0
    }

    /// What one who is not in the group any more last knew of it.
    struct Parting: Hashable, Sendable {
        var name: String
        /// Members that were left.
        var count: UInt64
    }

    /// `nil` for one who is not in the group any more.
    var role: GroupRole?
    /// Removed by an admin: an invitation does not open the door again.
    var isBarred = false
    /// In order, not overlapping.
    var stays: [Stay]
    /// shownRead <= read <= delivered, shownRead <= shownDelivered <= delivered.
    var delivered: UInt64 = 0
    var read: UInt64 = 0
    /// What other members are told of it: less, where the user does not send receipts.
    var shownDelivered: UInt64 = 0
    var shownRead: UInt64 = 0
    /// Only with a stay that has ended.
    var parting: Parting?

    /// Who has come and gone so often does not come in again.
    static let staysMax = 64

    /// The stay by which the member may read the message with this number.
    func stay(for number: UInt64) -> Stay? {
        stays.last { $0.from <= number && number <= $0.to ?? .max }
    }

    /// Whether the two were in at the same time, so that each may read something of the other.
    func met(_ other: MemberValue) -> Bool {
        stays.contains { own in
            other.stays.contains { $0.from <= own.to ?? .max && own.from <= $0.to ?? .max }
        }
    }

    /// Whether the member was in when a message was changed for this, the group's so manieth, time.
    func witnessed(revision: UInt64) -> Bool {
        revision == 0
            || stays.contains {
                $0.revisionsBefore < revision && ($0.to == nil || revision <= $0.revisions)
            }
    }

    mutating func enter(at number: UInt64, revisions: UInt64, as role: GroupRole) {
        self.role = role
        isBarred = false
        parting = nil
        stays.append(Stay(from: number, revisionsBefore: revisions))
        delivered = max(delivered, number)
        read = max(read, number)
        shownDelivered = max(shownDelivered, number)
        shownRead = max(shownRead, number)
    }

    /// Who writes has read what came before, and everybody sees that.
    mutating func write(_ number: UInt64) {
        delivered = number
        read = number
        shownDelivered = number
        shownRead = number
    }

    mutating func leave(at number: UInt64, revisions: UInt64, _ parting: Parting) {
        role = nil
        self.parting = parting
        guard let place = stays.indices.last else { return }
        stays[place].to = number
        stays[place].revisions = revisions
    }

    /// The last number that the member may read, in a group that has come to `last`.
    func lastReadable(_ last: UInt64) -> UInt64 {
        guard let stay = stays.last else { return 0 }
        return min(stay.to ?? last, last)
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [2, role?.rawValue ?? 0, isBarred ? 1 : 0]
        for number in [delivered, read, shownDelivered, shownRead] { bytes.append(varint: number) }
        bytes.append(varint: UInt64(stays.count))
        for stay in stays {
            bytes.append(varint: stay.from)
            bytes.append(varint: stay.to ?? 0)
            bytes.append(varint: stay.revisionsBefore)
            bytes.append(varint: stay.revisions)
        }
        if let parting {
            bytes.append(varint: parting.count)
            bytes.append(contentsOf: parting.name.utf8)
        }
        return bytes
    }
}

extension MemberValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let version = reader.byte(), version == 1 || version == 2,
            let raw = reader.byte(), let barred = reader.byte(),
            let delivered = reader.varint(), let read = reader.varint()
        else { return nil }
        // Version 1 told others all there was.
        var (shownDelivered, shownRead) = (delivered, read)
        if version == 2 {
            guard let first = reader.varint(), let second = reader.varint() else { return nil }
            (shownDelivered, shownRead) = (first, second)
        }
        guard let count = reader.varint(), count <= Self.staysMax else { return nil }
        var stays: [Stay] = []
        for _ in 0..<count {
            guard let from = reader.varint(), let to = reader.varint(),
                let before = reader.varint(), let revisions = reader.varint()
            else { return nil }
            stays.append(
                Stay(
                    from: from, to: to == 0 ? nil : to, revisionsBefore: before,
                    revisions: revisions))
        }
        let role = GroupRole(rawValue: raw)
        var parting: Parting?
        if raw == 0 {
            guard let count = reader.varint() else { return nil }
            parting = Parting(
                name: String(decoding: reader.rest(), as: UTF8.self), count: count)
        }
        guard raw == 0 || role != nil, reader.isAtEnd else { return nil }
        self.init(
            role: role, isBarred: barred == 1, stays: stays, delivered: delivered, read: read,
            shownDelivered: shownDelivered, shownRead: shownRead, parting: parting)
    }
}

/// A row of `links`: where an invitation leads, and until when.
struct LinkValue: Hashable, Sendable {
    var group: ConversationID
    /// Microseconds since 1970.
    var expiresAt: UInt64

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(big: group.rawValue)
        bytes.append(varint: expiresAt)
        return bytes
    }
}

extension LinkValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let group = reader.uint64(), let expiresAt = reader.varint(),
            reader.isAtEnd
        else { return nil }
        self.init(group: ConversationID(rawValue: group), expiresAt: expiresAt)
    }
}
