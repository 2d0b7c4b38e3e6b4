/// A row of `users`: the account, or what is left of a deleted one.
struct UserValue: Hashable, Sendable {
    /// As the user spells it; empty where the account is deleted.
    var name: String
    var createdAt: UInt64
    /// `nil` for users who cannot log in with one: imported ones, and those of an issuer.
    var password: PasswordHash?
    /// Nobody logs in, and no token is accepted.
    var isDisabled = false
    /// The id was a user's and is given to nobody else. Name and password are gone.
    var isDeleted = false

    /// What stays of a deleted account.
    static func deleted(createdAt: UInt64) -> UserValue {
        UserValue(name: "", createdAt: createdAt, isDeleted: true)
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [2, (isDisabled ? 1 : 0) | (isDeleted ? 2 : 0)]
        bytes.append(varint: createdAt)
        bytes.append(UInt8(truncatingIfNeeded: name.utf8.count))
        bytes.append(contentsOf: name.utf8)
        if let password { bytes.append(contentsOf: password.encoded()) }
        return bytes
    }
}

extension UserValue {
    /// Reads versions 1 (without flags) and 2.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        let version = reader.byte()
        let flags: UInt8?
        switch version {
        case 1: flags = 0
        case 2: flags = reader.byte()
        default: return nil
        }
        guard let flags, flags < 4, let createdAt = reader.varint(), let length = reader.byte(),
            let name = reader.take(Int(length))
        else { return nil }
        let rest = Array(reader.rest())
        self.init(
            name: String(decoding: name, as: UTF8.self), createdAt: createdAt,
            password: PasswordHash(rest), isDisabled: flags & 1 != 0, isDeleted: flags & 2 != 0)
        if !rest.isEmpty, password == nil { return nil }
        if isDeleted, !name.isEmpty || password != nil { return nil }
    }
}

/// A row of `names`: whose name it is.
struct NameValue: Hashable, Sendable {
    var user: UserID

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(big: user.rawValue)
        return bytes
    }
}

extension NameValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let user = reader.uint64(), reader.isAtEnd else { return nil }
        self.init(user: UserID(rawValue: user))
    }
}

/// A row of `deletions`: an account whose data is being removed, and whose name is not free yet.
struct DeletionValue: Hashable, Sendable {
    /// Microseconds since 1970.
    var startedAt: UInt64
    /// The key in `names`.
    var name: String

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(varint: startedAt)
        bytes.append(contentsOf: name.utf8)
        return bytes
    }
}

extension DeletionValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let startedAt = reader.varint() else { return nil }
        let name = String(decoding: reader.rest(), as: UTF8.self)
        guard AccountName.lookupKey(name) == name else { return nil }
        self.init(startedAt: startedAt, name: name)
    }
}
