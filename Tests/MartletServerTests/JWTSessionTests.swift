import Foundation
import MartletChat
import MartletServer
import MartletSimulation
import MartletStore
import Testing

/// The way from a token on a socket to a session of the domain.
@Suite("Sessions of an issuer")
struct JWTSessionTests {
    private func outcome(_ port: ChatPort, _ call: ChatCall) async -> ChatOutcome {
        await withCheckedContinuation { continuation in
            port.perform(call) { continuation.resume(returning: $0) }
        }
    }

    private func session(_ outcome: ChatOutcome) -> Session? {
        if case .session(let session) = outcome { return session }
        return nil
    }

    private func code(_ outcome: ChatOutcome) -> ChatError.Code? {
        switch outcome {
        case .failure(let error), .refused(let error, _): error.code
        default: nil
        }
    }

    private func reason(_ outcome: ChatOutcome) -> String? {
        if case .refused(_, let reason) = outcome { return reason }
        return nil
    }

    @Test("a token opens a session, once ended it is refused, and strangers' are")
    func sessions() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-jwt-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let issuer = try IssuerFixture()
        let store = try Store.open(at: directory)
        let chat = try ChatService.open(store)
        defer {
            chat.close()
            try? store.close()
        }
        // The domain's clock is the system's: tokens live beside it.
        let now = Int64(Date().timeIntervalSince1970)
        issuer.clock.set(UInt64(now) * 1_000_000)
        let exp = now + 600
        let token = try issuer.edDSA(IssuerFixture.claims { $0["exp"] = exp })
        var configuration = issuer.configuration
        let closed = ChatPort(chat, issuer: try await issuer.verifier())
        #expect(code(await outcome(closed, .authenticate(token: token))) == .unauthorized)
        configuration.makesAccounts = true
        let open = ChatPort(chat, issuer: try await issuer.verifier(configuration))
        let first = try #require(session(await outcome(open, .authenticate(token: token))))
        let again = try #require(session(await outcome(open, .authenticate(token: token))))
        #expect(first == again)
        #expect(first.name == "ann" && first.expiresAt == UInt64(exp + 60) * 1_000_000)
        let stranger = try IssuerFixture().edDSA(IssuerFixture.claims { $0["exp"] = exp })
        #expect(code(await outcome(open, .authenticate(token: stranger))) == .unauthorized)
        let refused = await outcome(open, .authenticate(token: stranger))
        #expect(reason(refused) == "signature")
        let none = ChatPort(chat)
        #expect(code(await outcome(none, .authenticate(token: stranger))) == .unauthorized)
        let device = try #require(first.device)
        _ = await outcome(open, .revoke(first.user, device))
        #expect(open.hasEnded(first.user, device))
        #expect(code(await outcome(open, .authenticate(token: token))) == .unauthorized)
    }
}
