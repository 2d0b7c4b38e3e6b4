import MartletStore
import Testing

@testable import MartletChat

@Suite("The verifier of accounts")
struct AccountVerifierTests {
    enum Damage: CaseIterable {
        case deviceBytes, tokenBytes, tokenMissing, deviceMissing, otherDevice, oldToken
        case deviceOfNobody, deviceOfDisabled, lateExpiry, tooMany
        case deletionOfLiving, deletionWithoutName, rowsOfDeleted, nameOfDeleted
    }

    @Test("planted damage is found", arguments: Damage.allCases)
    func damage(_ damage: Damage) async throws {
        let fixture = try ChatFixture()
        let session = try await fixture.register("ann")
        let user = session.user
        let gone = try fixture.users("gone")[0]
        try await fixture.delete(gone)
        #expect(try fixture.verify().errorCount == 0)
        let schema = fixture.chat.accounts.schema
        let device = try #require(session.device)
        let row = ChatKeys.device(user, device)
        let digest = Token(try #require(session.token)).digest
        var value = try #require(
            try fixture.store.value(schema.devices, row).flatMap { DeviceValue($0) })
        var batch = WriteBatch()
        switch damage {
        case .deviceBytes: try batch.set(schema.devices, row, [9])
        case .tokenBytes: try batch.set(schema.tokens, digest, [9])
        case .tokenMissing: try batch.remove(schema.tokens, digest)
        case .deviceMissing: try batch.remove(schema.devices, row)
        case .otherDevice:
            let other = TokenValue.live(user, DeviceID(rawValue: 5))
            try batch.set(schema.tokens, digest, other.encoded())
        case .oldToken:
            let old = TokenValue.old(user, expiresAt: 5)
            try batch.set(schema.tokens, Token("x").digest, old.encoded())
        case .deviceOfNobody: try batch.remove(schema.users, ChatKeys.user(user))
        case .deviceOfDisabled:
            let account = UserValue(
                name: "ann", createdAt: 5, password: nil, isDisabled: true)
            try batch.set(schema.users, ChatKeys.user(user), account.encoded())
        case .lateExpiry:
            value.endsAt = value.expiresAt - 1
            try batch.set(schema.devices, row, value.encoded())
        case .tooMany:
            for index in 1...UInt64(ChatLimits.devices) {
                value.digest = Token("\(index)").digest
                let added = DeviceID(rawValue: index)
                try batch.set(
                    schema.devices, ChatKeys.device(user, added), value.encoded())
                try batch.set(
                    schema.tokens, value.digest, TokenValue.live(user, added).encoded())
            }
        case .deletionOfLiving:
            let deletion = DeletionValue(startedAt: 5, name: "ann")
            try batch.set(schema.deletions, ChatKeys.user(user), deletion.encoded())
        case .deletionWithoutName:
            let deletion = DeletionValue(startedAt: 5, name: "gone")
            try batch.set(schema.deletions, ChatKeys.user(gone), deletion.encoded())
        case .rowsOfDeleted:
            try batch.set(fixture.chat.schema.inbox, ChatKeys.inbox(gone, 1), [1])
        case .nameOfDeleted:
            try batch.set(schema.names, "gone", NameValue(user: gone).encoded())
        }
        try fixture.store.write(batch)
        #expect(try fixture.verify().errorCount > 0)
    }
}
