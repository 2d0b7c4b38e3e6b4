import Crypto
import FoundationEssentials
import Synchronization

/// What APNs must know about this server.
public struct APNsOptions: Sendable {
    /// The service's origin.
    public var endpoint = "https://api.push.apple.com"
    /// The app's bundle id.
    public var topic: String
    /// The developer team, `iss` of the tokens.
    public var team: String
    /// The signing key's id, `kid` of the tokens.
    public var keyID: String
    /// The signing key in PEM, as Apple's `.p8` file holds it.
    public var keyPEM: String
    /// The line shown for a notice without text.
    public var genericTitle = "New message"

    /// Options for the production service.
    public init(topic: String, team: String, keyID: String, keyPEM: String) {
        self.topic = topic
        self.team = team
        self.keyID = keyID
        self.keyPEM = keyPEM
    }
}

/// Apple's push service, over HTTP/2.
public final class APNsTransport: PushTransport {
    private let client: PushClient
    private let options: APNsOptions
    private let tokens: Mutex<ProviderTokens>

    /// Throws where the key is not a P-256 key in PEM, or the endpoint is no https URL.
    public init(client: PushClient, options: APNsOptions) throws {
        self.client = client
        self.options = options
        _ = try Self.url(options, device: "00")
        let key = try P256.Signing.PrivateKey(pemRepresentation: options.keyPEM)
        tokens = Mutex(ProviderTokens(key: key, keyID: options.keyID, team: options.team))
    }

    /// As `PushTransport.send`. A message of more than 4,096 bytes is to be shrunk.
    public func send(
        _ notice: PushNotice, to subscription: PushSubscription
    ) async -> PushOutcome {
        guard case .apns(let device) = subscription.target else {
            return .refused(reason: "not an APNs subscription", isAlarm: false)
        }
        let body = APNsMessage.body(notice, genericTitle: options.genericTitle)
        if body.count > APNsMessage.bytesMax {
            return notice.bare == notice
                ? .refused(reason: "too large without a payload", isAlarm: false) : .shrink
        }
        do {
            let token = try tokens.withLock { try $0.token(now: client.seconds) }
            let first = try await attempt(notice, body, device, token, subscription.registeredAt)
            if case .outcome(let outcome) = first { return outcome }
            let renewed = try tokens.withLock { try $0.token(after: token, now: client.seconds) }
            guard let renewed else {
                let rest = ProviderTokens.ageMin - (client.seconds - token.issuedAt)
                return .retry(
                    after: UInt32(rest), scope: .host,
                    reason: "a fresh token is called expired: is the clock right?")
            }
            let second = try await attempt(notice, body, device, renewed, subscription.registeredAt)
            if case .outcome(let outcome) = second { return outcome }
            return .refused(reason: "403 ExpiredProviderToken for a new token", isAlarm: true)
        } catch let failure as PushFailure {
            return failure.outcome
        } catch {
            return .refused(reason: "cannot sign or address: \(error)", isAlarm: true)
        }
    }

    private func attempt(
        _ notice: PushNotice, _ body: [UInt8], _ device: String, _ token: ProviderTokens.Token,
        _ registeredAt: UInt64
    ) async throws -> APNsReply.Verdict {
        let request = PushRequest(
            url: try Self.url(options, device: device),
            headers: APNsMessage.headers(
                notice, topic: options.topic, id: UUID().uuidString.lowercased(),
                token: token.text, now: client.seconds),
            body: body, isGuarded: false)
        return APNsReply.verdict(try await client.post(request), registeredAt: registeredAt)
    }

    private static func url(_ options: APNsOptions, device: String) throws -> PushURL {
        try PushURL(
            options.endpoint + "/3/device/" + device, rules: EndpointRules(allowsLowPorts: true))
    }
}
