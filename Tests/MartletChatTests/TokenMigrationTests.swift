import Foundation
import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("Tokens from before there were devices")
struct TokenMigrationTests {
    /// A store as version 1 left it: its tables, one account, and tokens of the old kind.
    private final class OldStore: Sendable {
        let directory =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-old-\(UUID().uuidString)").path
        let clock = SimulatedClock()
        let user = UserID(rawValue: 77)

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        var environment: Environment {
            var environment = Environment.system
            environment.clock = clock
            return environment
        }

        func make(tokens: Int) throws {
            let store = try Store.open(at: directory, environment: environment)
            let schema = try ChatSchema(store)
            var batch = WriteBatch()
            try batch.set(
                schema.users, ChatKeys.user(user), [1, 5, 3] + Array("Ann".utf8))
            try batch.set(schema.names, "ann", NameValue(user: user).encoded())
            for index in 0..<tokens {
                let expiresAt = clock.now() + 1_000_000 * UInt64(index + 1)
                try batch.set(
                    schema.tokens, Token("old \(index)").digest,
                    TokenValue.old(user, expiresAt: expiresAt).encoded())
            }
            try store.write(batch)
            try store.close()
        }
    }

    private func accepted(_ chat: ChatService, _ range: Range<Int>) async -> [Int] {
        var found: [Int] = []
        for index in range {
            let refusal = await code { chat.authenticate(token: "old \(index)", completion: $0) }
            if refusal == nil { found.append(index) }
        }
        return found
    }

    @Test("each gets a device and is accepted until it expires")
    func migration() async throws {
        let old = OldStore()
        try old.make(tokens: 3)
        old.clock.advance(microseconds: 1_000_000)
        for _ in 0..<2 {
            let store = try Store.open(at: old.directory, environment: old.environment)
            let chat = try ChatService.open(store, environment: old.environment)
            #expect(await accepted(chat, 0..<3) == [1, 2])
            let devices: [Device] = try await value {
                chat.devices(user: old.user, completion: $0)
            }
            #expect(devices.count == 2)
            var verifier = try ChatVerifier(store)
            #expect(try verifier.run().errors == [])
            chat.close()
            try store.close()
        }
    }

    @Test("of too many the ones that live longest stay")
    func tooMany() async throws {
        let old = OldStore()
        try old.make(tokens: 20)
        let store = try Store.open(at: old.directory, environment: old.environment)
        let chat = try ChatService.open(store, environment: old.environment)
        #expect(await accepted(chat, 0..<20) == Array(4..<20))
        var verifier = try ChatVerifier(store)
        #expect(try verifier.run().errors == [])
        chat.close()
        try store.close()
    }

    @Test("a migration that was cut is run again")
    func cut() async throws {
        let old = OldStore()
        try old.make(tokens: 3)
        let store = try Store.open(at: old.directory, environment: old.environment)
        let schema = try ChatSchema(store)
        try ChatSchema.create(store, "devices", .row)
        let rows = DeviceRows(
            store: store, tokens: schema.tokens, devices: try ChatSchema.find(store, "devices"),
            lifetimes: TokenLifetimes())
        try TokenMigration(rows: rows, now: old.clock.now()).run()
        let chat = try ChatService.open(store, environment: old.environment)
        #expect(await accepted(chat, 0..<3) == [0, 1, 2])
        chat.close()
        try store.close()
    }

    @Test("a store that was never opened since is verified as it is")
    func verified() throws {
        let old = OldStore()
        try old.make(tokens: 3)
        let store = try Store.open(at: old.directory, environment: old.environment)
        var verifier = try ChatVerifier(store)
        #expect(try verifier.run().errors == [])
        try store.close()
    }
}
