/// A row of `tokens`: whose token it is. All else is in the device's row.
enum TokenValue: Hashable, Sendable {
    /// Version 1, from before there were devices.
    case old(UserID, expiresAt: UInt64)
    case live(UserID, DeviceID)
    /// A credential of an issuer that was ended here before its time: it must not come back.
    case ended

    func encoded() -> [UInt8] {
        switch self {
        case .old(let user, let expiresAt):
            var bytes: [UInt8] = [1]
            bytes.append(big: user.rawValue)
            bytes.append(varint: expiresAt)
            return bytes
        case .live(let user, let device):
            var bytes: [UInt8] = [2]
            bytes.append(big: user.rawValue)
            bytes.append(big: device.rawValue)
            return bytes
        case .ended:
            return [2]
        }
    }
}

extension TokenValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        switch reader.byte() {
        case 1:
            guard let user = reader.uint64(), let expiresAt = reader.varint(), reader.isAtEnd
            else { return nil }
            self = .old(UserID(rawValue: user), expiresAt: expiresAt)
        case 2 where reader.isAtEnd:
            self = .ended
        case 2:
            guard let user = reader.uint64(), let device = reader.uint64(), reader.isAtEnd
            else { return nil }
            self = .live(UserID(rawValue: user), DeviceID(rawValue: device))
        default:
            return nil
        }
    }
}

/// A row of `devices`: one login. Times are microseconds since 1970.
struct DeviceValue: Hashable, Sendable {
    static let digestBytes = 32

    /// SHA-256 of the token's text: the key in `tokens`.
    var digest: [UInt8]
    /// Of an issuer, not made here: when it ends early, its digest is kept until it expires.
    var isForeign: Bool
    var createdAt: UInt64
    /// Exact to an hour.
    var lastSeenAt: UInt64
    /// Grows with use, up to `endsAt`.
    var expiresAt: UInt64
    /// Use or not.
    var endsAt: UInt64
    /// The client's name for the device; may be empty.
    var label: String

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1, isForeign ? 1 : 0]
        bytes.append(contentsOf: digest)
        for time in [createdAt, lastSeenAt, expiresAt, endsAt] { bytes.append(varint: time) }
        bytes.append(contentsOf: label.utf8)
        return bytes
    }
}

extension DeviceValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let flags = reader.byte(), flags < 2,
            let digest = reader.take(Self.digestBytes), let createdAt = reader.varint(),
            let lastSeenAt = reader.varint(), let expiresAt = reader.varint(),
            let endsAt = reader.varint()
        else { return nil }
        self.init(
            digest: Array(digest), isForeign: flags == 1, createdAt: createdAt,
            lastSeenAt: lastSeenAt, expiresAt: expiresAt, endsAt: endsAt,
            label: String(decoding: reader.rest(), as: UTF8.self))
    }
}
