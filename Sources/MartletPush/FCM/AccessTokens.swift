import FoundationEssentials

/// The OAuth token for FCM: fetched when there is none, renewed five minutes before its end, and
/// fetched once however many pushes wait for it.
actor AccessTokens {
    /// Why there is no token.
    struct Unavailable: Error {
        var outcome: PushOutcome
    }

    private struct Grant: Decodable {
        var access_token: String
        var expires_in: UInt64?
    }

    /// How long before its end a token is no longer used, in seconds.
    private static let margin: UInt64 = 300

    private let client: PushClient
    private let account: ServiceAccount
    private let rules: EndpointRules
    private var token: (text: String, freshUntil: UInt64)?
    private var fetching: Task<Result<String, Unavailable>, Never>?

    init(client: PushClient, account: ServiceAccount, rules: EndpointRules) {
        self.client = client
        self.account = account
        self.rules = rules
    }

    /// The token to use now, or in place of one that was `refused`.
    func token(inPlaceOf refused: String? = nil) async throws(Unavailable) -> String {
        if let token, token.text != refused, client.seconds < token.freshUntil {
            return token.text
        }
        let task = fetching ?? Task { await self.fetch() }
        fetching = task
        return try await task.value.get()
    }

    private func fetch() async -> Result<String, Unavailable> {
        defer { fetching = nil }
        do throws(Unavailable) {
            let now = client.seconds
            let grant = try await grant(now)
            let lifetime = grant.expires_in ?? 3_600
            token = (grant.access_token, now + max(lifetime, Self.margin + 60) - Self.margin)
            return .success(grant.access_token)
        } catch {
            return .failure(error)
        }
    }

    private func grant(_ now: UInt64) async throws(Unavailable) -> Grant {
        let request: PushRequest
        do {
            let kind = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
            let form = "grant_type=\(kind)&assertion=\(try account.assertion(now: now))"
            request = PushRequest(
                url: try PushURL(account.tokenURL, rules: rules),
                headers: [("content-type", "application/x-www-form-urlencoded")],
                body: Array(form.utf8), isGuarded: false)
        } catch {
            throw Unavailable(
                outcome: .refused(reason: "cannot sign for a token: \(error)", isAlarm: true))
        }
        let reply: PushReply
        do {
            reply = try await client.post(request)
        } catch {
            let reason = "no access token: \(error)"
            throw Unavailable(outcome: .retry(after: nil, scope: .host, reason: reason))
        }
        let reason = "no access token: status \(reply.status)"
        switch reply.status {
        case 200:
            guard let grant = try? JSONDecoder().decode(Grant.self, from: Data(reply.body)) else {
                throw Unavailable(outcome: .refused(reason: reason + ", malformed", isAlarm: true))
            }
            return grant
        case 429, 500...:
            throw Unavailable(
                outcome: .retry(after: reply.retryAfter, scope: .host, reason: reason))
        default: throw Unavailable(outcome: .refused(reason: reason, isAlarm: true))
        }
    }
}
