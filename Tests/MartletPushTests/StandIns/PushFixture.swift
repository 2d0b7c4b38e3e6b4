@testable import MartletPush

/// A client that may go to this machine, and a stand-in for it to go to.
struct PushFixture {
    let clock = TestClock()
    let client: PushClient
    let service: ServiceStandIn

    init(
        _ transport: ServiceStandIn.Transport = .plain,
        _ adjust: (inout PushClientOptions) -> Void = { _ in },
        script: @escaping ServiceStandIn.Script
    ) async throws {
        let clock = clock
        var options = PushClientOptions(now: { clock.now })
        options.rules = EndpointRules(allowsPlainHTTP: true)
        options.addresses = .off
        options.extraRootsPEM = Array(TestKeys.certificate.utf8)
        adjust(&options)
        client = try PushClient(options: options)
        service = try await ServiceStandIn.start(transport, script)
    }

    func close() async {
        await client.shutdown()
        await service.stop()
    }

    /// Runs `body` with a fixture, and closes it whatever happens.
    static func with<Result: Sendable>(
        _ transport: ServiceStandIn.Transport = .plain,
        _ adjust: (inout PushClientOptions) -> Void = { _ in },
        script: @escaping ServiceStandIn.Script,
        _ body: (PushFixture) async throws -> Result
    ) async throws -> Result {
        let fixture = try await PushFixture(transport, adjust, script: script)
        do {
            let result = try await body(fixture)
            await fixture.close()
            return result
        } catch {
            await fixture.close()
            throw error
        }
    }
}

/// Names with the addresses that a test gives them.
struct TableResolver: HostResolver {
    struct Silent: Error {}

    var names: @Sendable (String) throws -> [String]

    func addresses(of host: String) async throws -> [String] { try names(host) }
}

extension PushOutcome {
    /// The kind of the outcome, for tables.
    var kind: String {
        switch self {
        case .accepted: "accepted"
        case .dropSubscription: "drop"
        case .retry(let after, let scope, _):
            "retry \(scope)" + (after.map { " after \($0)" } ?? "")
        case .shrink: "shrink"
        case .refused(_, let isAlarm): isAlarm ? "alarm" : "refused"
        }
    }
}
