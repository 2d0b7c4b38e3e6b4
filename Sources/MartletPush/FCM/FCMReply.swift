import FoundationEssentials

/// What an FCM reply means for us.
enum FCMReply {
    enum Verdict: Hashable {
        case outcome(PushOutcome)
        /// The access token is not taken: fetch another one and try once more.
        case renewToken
    }

    /// `google.rpc.Status` with the details that matter, whichever type they have.
    private struct Failure: Decodable {
        struct Status: Decodable {
            var status: String?
            var message: String?
            var details: [Detail]?
        }
        struct Detail: Decodable {
            /// Of an FcmError.
            var errorCode: String?
            /// Of a BadRequest.
            var fieldViolations: [Violation]?
            /// Of a QuotaFailure.
            var violations: [Violation]?
        }
        struct Violation: Decodable {
            var field: String?
            var subject: String?
            var description: String?
        }
        var error: Status?

        var details: [Detail] { error?.details ?? [] }
    }

    /// Where the service names no delay for a spent quota, in seconds.
    private static let quotaDelay: UInt32 = 60

    static func verdict(_ reply: PushReply) -> Verdict {
        if reply.status == 200 { return .outcome(.accepted) }
        let failure = try? JSONDecoder().decode(Failure.self, from: Data(reply.body))
        // FcmError says more than the status: a 404 without it is a wrong project, no dead token.
        let code = failure?.details.compactMap(\.errorCode).first
        let name = code ?? failure?.error?.status ?? ""
        let reason = name.isEmpty ? "status \(reply.status)" : "\(reply.status) \(name)"
        switch (reply.status, code) {
        case (400, _) where blamesToken(failure):
            return .outcome(.dropSubscription(reason: reason))
        case (401, "THIRD_PARTY_AUTH_ERROR"):
            return .outcome(.refused(reason: reason, isAlarm: true))
        case (401, _): return .renewToken
        case (403, "SENDER_ID_MISMATCH"), (404, "UNREGISTERED"):
            return .outcome(.dropSubscription(reason: reason))
        case (403, _), (404, _): return .outcome(.refused(reason: reason, isAlarm: true))
        case (429, _):
            let scope = isDeviceQuota(failure) ? PushOutcome.Scope.subscription : .host
            let delay = reply.retryAfter ?? quotaDelay
            return .outcome(.retry(after: delay, scope: scope, reason: reason))
        case (500..., _):
            let scope = reply.status == 503 ? PushOutcome.Scope.host : .subscription
            return .outcome(.retry(after: reply.retryAfter, scope: scope, reason: reason))
        default: return .outcome(.refused(reason: reason, isAlarm: false))
        }
    }

    private static func blamesToken(_ failure: Failure?) -> Bool {
        (failure?.details ?? []).contains { detail in
            detail.fieldViolations?.contains { $0.field == "message.token" } ?? false
        }
    }

    private static func isDeviceQuota(_ failure: Failure?) -> Bool {
        (failure?.details ?? []).contains { detail in
            detail.violations?.contains { violation in
                [violation.subject, violation.description].contains {
                    $0?.lowercased().contains("device") ?? false
                }
            } ?? false
        }
    }
}
