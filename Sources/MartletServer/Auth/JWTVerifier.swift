import JWTKit
package import Logging
package import MartletChat
import NIOConcurrencyHelpers

/// Verifies the tokens of one issuer. Holds A6.
package final class JWTVerifier: Sendable {
    private struct State: Sendable {
        var keys: JSONWebKeys
        var stamp: KeyFile.Stamp?
        /// Seconds since 1970 at which the file was last looked at.
        var lookedAt: UInt64
    }

    private let configuration: JWTConfiguration
    private let file: KeyFile
    private let clock: @Sendable () -> UInt64
    private let state: NIOLockedValueBox<State>
    private let logger: Logger

    /// Reads the keys. Blocks on the disk.
    /// - Parameter clock: Microseconds since 1970.
    /// - Throws: `.keyFile`.
    package init(
        _ configuration: JWTConfiguration, logger: Logger,
        clock: @escaping @Sendable () -> UInt64
    ) async throws(JWTFault) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        file = KeyFile(path: configuration.keysPath)
        let stamp = file.stamp()
        let keys = try await JSONWebKeys(file.read())
        state = NIOLockedValueBox(
            State(keys: keys, stamp: stamp, lookedAt: clock() / 1_000_000))
    }

    /// The login that a token stands for. The signature is verified before a claim is looked at.
    package func login(_ text: String) async throws(JWTFault) -> ForeignLogin {
        let token = try JWTText(text)
        let candidates = await currentKeys().candidates(for: token)
        guard !candidates.isEmpty else { throw .key }
        let isSigned = candidates.contains { key in
            (try? key.verifier.verify(token.signature, signs: token.signed)) ?? false
        }
        guard isSigned else { throw .signature }
        let claims = try token.claims()
        guard claims.issuer == configuration.issuer else { throw .issuer }
        guard claims.audiences.contains(configuration.audience) else { throw .audience }
        guard let expiresAt = claims.expiresAt else { throw .expired }
        guard let subject = claims.subject else { throw .subject }
        let now = Int64(clamping: clock() / 1_000_000)
        guard now < expiresAt + configuration.leewaySeconds else { throw .expired }
        if let notBefore = claims.notBefore, now + configuration.leewaySeconds < notBefore {
            throw .tooEarly
        }
        var login = ForeignLogin(
            name: subject, credential: text,
            endsAt: UInt64(expiresAt + configuration.leewaySeconds) * 1_000_000)
        login.makesAccount = configuration.makesAccounts
        login.opensAccountsWithPassword = configuration.opensAccountsWithPassword
        return login
    }

    /// The keys of the file as it is now, looked at once a second. A file that cannot be read, or
    /// has no keys, changes nothing: it may be half written.
    private func currentKeys() async -> JSONWebKeys {
        let second = clock() / 1_000_000
        let (keys, old, isDue) = state.withLockedValue { state in
            let isDue = state.lookedAt != second
            state.lookedAt = second
            return (state.keys, state.stamp, isDue)
        }
        guard isDue, let stamp = file.stamp(), stamp != old else { return keys }
        do throws(JWTFault) {
            let keys = try await JSONWebKeys(file.read())
            state.withLockedValue { state in
                state.keys = keys
                state.stamp = stamp
            }
            logger.info("keys reloaded", metadata: ["path": "\(file.path)"])
            return keys
        } catch {
            logger.error("keys not reloaded: \(error)", metadata: ["path": "\(file.path)"])
            return keys
        }
    }
}
