/// Google's push service, HTTP v1.
public final class FCMTransport: PushTransport {
    private let client: PushClient
    private let tokens: AccessTokens
    private let url: PushURL

    /// Throws where `endpoint` is no URL.
    ///
    /// - Parameters:
    ///   - endpoint: the service's origin.
    ///   - account: whose project sends; its file says where tokens come from.
    public init(
        client: PushClient, account: ServiceAccount,
        endpoint: String = "https://fcm.googleapis.com"
    ) throws {
        let rules = EndpointRules(
            allowsPlainHTTP: client.options.rules.allowsPlainHTTP, allowsLowPorts: true)
        self.client = client
        tokens = AccessTokens(client: client, account: account, rules: rules)
        url = try PushURL(
            "\(endpoint)/v1/projects/\(account.project)/messages:send", rules: rules)
    }

    /// As `PushTransport.send`. Data of more than 4,096 bytes is to be shrunk.
    public func send(
        _ notice: PushNotice, to subscription: PushSubscription
    ) async -> PushOutcome {
        guard case .fcm(let device) = subscription.target else {
            return .refused(reason: "not an FCM subscription", isAlarm: false)
        }
        if !FCMMessage.fits(notice) { return .shrink }
        let body = FCMMessage.body(notice, token: device)
        do {
            let token = try await tokens.token()
            let first = try await attempt(body, token)
            if case .outcome(let outcome) = first { return outcome }
            let second = try await attempt(body, try await tokens.token(inPlaceOf: token))
            if case .outcome(let outcome) = second { return outcome }
            return .refused(reason: "401 for a new access token", isAlarm: true)
        } catch let failure as PushFailure {
            return failure.outcome
        } catch let failure as AccessTokens.Unavailable {
            return failure.outcome
        } catch {
            return .refused(reason: "\(error)", isAlarm: true)
        }
    }

    private func attempt(_ body: [UInt8], _ token: String) async throws -> FCMReply.Verdict {
        let request = PushRequest(
            url: url,
            headers: [
                ("authorization", "Bearer \(token)"), ("content-type", "application/json"),
            ],
            body: body, isGuarded: false)
        return FCMReply.verdict(try await client.post(request))
    }
}
