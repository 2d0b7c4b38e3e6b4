import Crypto
import CryptoExtras
import MartletStore

/// A password's scrypt hash (RFC 7914) with its salt and cost.
struct PasswordHash: Hashable, Sendable {
    static let saltBytes = 16
    static let hashBytes = 32

    var cost: PasswordCost
    var salt: [UInt8]
    var hash: [UInt8]

    /// Hashes `password`. Takes `cost`'s time and memory; `nil` if the library refuses the cost.
    init?(_ password: String, cost: PasswordCost, salt: [UInt8]) {
        guard let hash = Self.derive(Array(password.utf8), cost, salt) else { return nil }
        self.cost = cost
        self.salt = salt
        self.hash = hash
    }

    /// A hash that no password has, which takes as long to check as any.
    init(neverWith cost: PasswordCost) {
        self.cost = cost
        salt = [UInt8](repeating: 0, count: Self.saltBytes)
        hash = [UInt8](repeating: 0, count: Self.hashBytes)
    }

    /// Whether `password` is the one; takes the same time for every password.
    func matches(_ password: String) -> Bool {
        guard let other = Self.derive(Array(password.utf8), cost, salt) else { return false }
        return Self.equal(hash, other)
    }

    static func derive(
        _ password: [UInt8], _ cost: PasswordCost, _ salt: [UInt8], count: Int = hashBytes
    ) -> [UInt8]? {
        let key = try? KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: count,
            rounds: 1 << Int(cost.logRounds & 31), blockSize: Int(cost.blockSize),
            parallelism: Int(cost.parallelism))
        return key?.withUnsafeBytes { Array($0) }
    }

    /// Compares without stopping at the first difference.
    static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in one.indices { difference |= one[index] ^ other[index] }
        return difference == 0
    }

    func encoded() -> [UInt8] {
        [1, cost.logRounds, cost.blockSize, cost.parallelism] + salt + hash
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 4 + Self.saltBytes + Self.hashBytes, bytes[0] == 1,
            bytes[1] <= 20
        else { return nil }
        cost = PasswordCost()
        cost.logRounds = bytes[1]
        cost.blockSize = bytes[2]
        cost.parallelism = bytes[3]
        salt = Array(bytes[4..<4 + Self.saltBytes])
        hash = Array(bytes[(4 + Self.saltBytes)...])
    }
}
