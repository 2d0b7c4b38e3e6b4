import Synchronization

/// Web Push: RFC 8030, with the encryption of RFC 8291 and the identification of RFC 8292.
public final class WebPushTransport: PushTransport {
    private let client: PushClient
    private let publicKey: String
    private let tokens: Mutex<VAPIDTokens>

    /// - Parameters:
    ///   - subject: whom a push service may turn to: a `mailto:` or `https:` URI.
    ///   - key: the server's key, which browsers subscribe with.
    public init(client: PushClient, key: VAPIDKey, subject: String) {
        self.client = client
        publicKey = key.publicKey
        tokens = Mutex(VAPIDTokens(key: key, subject: subject))
    }

    /// As `PushTransport.send`. A payload of more than 3,993 bytes is to be shrunk.
    public func send(
        _ notice: PushNotice, to subscription: PushSubscription
    ) async -> PushOutcome {
        guard case .web(let target) = subscription.target else {
            return .refused(reason: "not a Web Push subscription", isAlarm: false)
        }
        if notice.payload.count > WebPushEncryption.plaintextMax { return .shrink }
        let request: PushRequest
        do {
            request = try self.request(notice, target)
        } catch {
            return .refused(reason: "cannot seal or sign: \(error)", isAlarm: true)
        }
        do {
            let reply = try await client.post(request)
            let outcome = WebPushReply.outcome(reply)
            if outcome == .shrink, notice.payload.isEmpty {
                return .refused(reason: "too large without a body", isAlarm: false)
            }
            return outcome
        } catch {
            return error.outcome
        }
    }

    private func request(_ notice: PushNotice, _ target: WebPushTarget) throws -> PushRequest {
        let token = try tokens.withLock {
            try $0.token(for: target.endpoint.origin, now: client.seconds)
        }
        var request = PushRequest(url: target.endpoint, isGuarded: true)
        request.headers = [
            ("ttl", "\(notice.ttl)"), ("urgency", notice.urgency.rawValue),
            ("authorization", "vapid t=\(token), k=\(publicKey)"),
        ]
        if let topic = notice.topic { request.headers.append(("topic", topic.description)) }
        if !notice.payload.isEmpty {
            request.headers.append(("content-encoding", "aes128gcm"))
            request.headers.append(("content-type", "application/octet-stream"))
            request.body = try WebPushEncryption.seal(notice.payload, for: target)
        }
        return request
    }
}
