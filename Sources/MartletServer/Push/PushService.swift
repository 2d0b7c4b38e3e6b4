import Logging
import MartletChat
import MartletPush

/// Pushes of one server: the transports that are configured, and the dispatcher.
final class PushService: Sendable {
    private let chat: ChatService
    private let client: PushClient
    let dispatcher: PushDispatcher

    /// `nil` where no service is configured.
    init?(
        _ configuration: ChatServerConfiguration, _ chat: ChatService,
        _ registry: MetricRegistry, _ logger: Logger
    ) throws {
        let options = configuration.push
        if options.isOff { return nil }
        let clock = configuration.clock
        var settings = PushClientOptions(now: clock)
        settings.rules = options.rules
        settings.addresses = options.addresses
        settings.extraRootsPEM = options.extraRootsPEM
        client = try PushClient(options: settings)
        self.chat = chat
        let client = client
        let gateway = PushGateway(
            web: options.vapid.map {
                WebPushTransport(client: client, key: $0, subject: options.subject)
            },
            apns: try options.apns.map { try APNsTransport(client: client, options: $0) },
            fcm: try options.fcm.map { account in
                guard let endpoint = options.fcmEndpoint else {
                    return try FCMTransport(client: client, account: account)
                }
                return try FCMTransport(client: client, account: account, endpoint: endpoint)
            })
        dispatcher = PushDispatcher(
            chat: chat, transport: gateway, options: options,
            meter: PushMeter(registry), logger: logger, now: clock)
    }

    /// Events that are stored. On the commit thread: it hands over who has a subscription.
    func notice(_ deliveries: [Delivery]) {
        let candidates = deliveries.lazy.filter { delivery in
            guard case .message(let message) = delivery.event.kind else { return false }
            return message.sender != delivery.user
        }
        let users = chat.subscribers(among: candidates.map(\.user))
        if users.isEmpty { return }
        Task { [dispatcher] in await dispatcher.notice(users) }
    }

    /// These were dead letters and are in the outbox again.
    func resume(_ pushes: [StoredPush]) {
        Task { [dispatcher] in await dispatcher.resume(pushes) }
    }

    func run() async { await dispatcher.run() }

    func stop() async {
        await dispatcher.stop()
        await client.shutdown()
    }
}
