/// A row of `users`: the account.
struct UserValue: Hashable, Sendable {
    /// As the user spells it.
    var name: String
    var createdAt: UInt64
    /// `nil` for imported users, who cannot log in.
    var password: PasswordHash?

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(varint: createdAt)
        bytes.append(UInt8(truncatingIfNeeded: name.utf8.count))
        bytes.append(contentsOf: name.utf8)
        if let password { bytes.append(contentsOf: password.encoded()) }
        return bytes
    }
}

extension UserValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let createdAt = reader.varint(), let length = reader.byte(),
            let name = reader.take(Int(length))
        else { return nil }
        let rest = Array(reader.rest())
        self.init(
            name: String(decoding: name, as: UTF8.self), createdAt: createdAt,
            password: PasswordHash(rest))
        if !rest.isEmpty, password == nil { return nil }
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

/// A row of `tokens`: whose token it is, and until when.
struct TokenValue: Hashable, Sendable {
    var user: UserID
    /// Microseconds since 1970.
    var expiresAt: UInt64

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(big: user.rawValue)
        bytes.append(varint: expiresAt)
        return bytes
    }
}

extension TokenValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let user = reader.uint64(), let expiresAt = reader.varint(),
            reader.isAtEnd
        else { return nil }
        self.init(user: UserID(rawValue: user), expiresAt: expiresAt)
    }
}
