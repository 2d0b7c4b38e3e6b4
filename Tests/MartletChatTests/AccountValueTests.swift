import Testing

@testable import MartletChat

@Suite("The rows of accounts")
struct AccountValueTests {
    @Test("an account of version 1 is read as neither disabled nor deleted")
    func oldUser() {
        let value = UserValue([1, 5, 3] + Array("Ann".utf8))
        #expect(value == UserValue(name: "Ann", createdAt: 5, password: nil))
        #expect(value?.encoded() == [2, 0, 5, 3] + Array("Ann".utf8))
    }

    @Test("flags survive, and unknown ones are refused")
    func flags() {
        var value = UserValue(name: "Ann", createdAt: 5, password: nil)
        value.isDisabled = true
        #expect(value.encoded() == [2, 1, 5, 3] + Array("Ann".utf8))
        #expect(UserValue(value.encoded()) == value)
        let deleted = UserValue.deleted(createdAt: 5)
        #expect(deleted.encoded() == [2, 2, 5, 0])
        #expect(UserValue(deleted.encoded()) == deleted)
        let bad: [[UInt8]] = [[], [2], [2, 4, 5, 0], [3, 0, 5, 0], [2, 2, 5, 1, 0x61]]
        for bytes in bad { #expect(UserValue(bytes) == nil) }
    }

    @Test("a password survives")
    func password() {
        let hash = PasswordHash(
            "correct horse", cost: PasswordCost(), salt: [UInt8](repeating: 7, count: 16))
        let value = UserValue(name: "Ann", createdAt: 5, password: hash)
        #expect(UserValue(value.encoded()) == value)
    }

    @Test("tokens of both versions")
    func tokens() {
        let user = UserID(rawValue: 0x0102)
        let device = DeviceID(rawValue: 0x0304)
        let values: [(TokenValue, [UInt8])] = [
            (.old(user, expiresAt: 9), [1, 0, 0, 0, 0, 0, 0, 1, 2, 9]),
            (.live(user, device), [2, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4]),
            (.ended, [2]),
        ]
        for (value, bytes) in values {
            #expect(value.encoded() == bytes)
            #expect(TokenValue(bytes) == value)
            #expect(TokenValue(bytes + [0]) == nil || bytes == [2])
        }
        #expect(TokenValue([3]) == nil)
    }

    @Test("a device and a deletion survive; cut ones are refused")
    func devices() {
        let value = DeviceValue(
            digest: [UInt8](repeating: 9, count: 32), isForeign: true, createdAt: 1,
            lastSeenAt: 300, expiresAt: 400, endsAt: 500, label: "Fön")
        #expect(DeviceValue(value.encoded()) == value)
        for count in 0..<40 { #expect(DeviceValue(Array(value.encoded().prefix(count))) == nil) }
        let deletion = DeletionValue(startedAt: 5, name: "ann")
        #expect(deletion.encoded() == [1, 5] + Array("ann".utf8))
        #expect(DeletionValue(deletion.encoded()) == deletion)
        #expect(DeletionValue([1, 5]) == nil)
        #expect(DeletionValue([1, 5] + Array("Ann".utf8)) == nil)
    }
}
