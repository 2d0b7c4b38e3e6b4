import MartletChat
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// The hubs of all loops, as other threads see them.
final class HubGroup: Sendable {
    private struct Member: Sendable {
        var loop: any EventLoop
        var mailbox: HubMailbox
        var site: NIOLoopBound<HTTPHandler.Site>
        var ticker: RepeatedTask
    }

    private let members: [Member]

    /// Makes one hub for each loop and starts their clocks.
    init(
        _ group: MultiThreadedEventLoopGroup, port: ChatPort, gate: Gate, presence: PresenceDesk,
        facts: ServerFacts, configuration: ChatServerConfiguration, registry: MetricRegistry,
        isHealthy: @escaping @Sendable () -> Bool
    ) async throws {
        let loops = Array(group.makeIterator())
        var settings = SocketSettings(
            facts: facts,
            maxSocketsPerLoop: max(1, configuration.maxSockets / loops.count),
            clock: configuration.clock)
        settings.maxQueuedBytes = configuration.maxQueuedBytes
        settings.reconnectSpread = configuration.reconnectSpread
        settings.authenticationSeconds = max(1, configuration.authenticationSeconds)
        settings.messageSeconds = max(1, configuration.messageSeconds)
        let shared = settings
        let files = StaticFiles(WebFiles.all)
        let others = configuration.servers.map { $0.lowercased() }
        let origins = Set(configuration.allowedOrigins.map { $0.lowercased() } + others)
        let deadlines = HTTPDeadlines(configuration)
        var members: [Member] = []
        for (number, loop) in loops.enumerated() {
            let member = try await loop.submit {
                let hub = Hub(port: port, settings: shared, gate: gate, meter: HubMeter(registry))
                hub.number = number
                hub.presence = presence
                hub.hasSiblings = loops.count > 1
                let site = HTTPHandler.Site(
                    hub: hub, files: files, allowedOrigins: origins,
                    isSecure: configuration.tls != nil, servers: others, deadlines: deadlines,
                    hasEcho: configuration.hasEcho, isHealthy: isHealthy)
                let bound = NIOLoopBound(site, eventLoop: loop)
                let mailbox = hub.attachMailbox(on: loop)
                let ticker = loop.scheduleRepeatedTask(
                    initialDelay: .seconds(1), delay: .seconds(1)
                ) { _ in
                    bound.value.hub.tick()
                    // The clock of presence is that of one loop.
                    if number == 0 { presence.tick() }
                }
                return Member(loop: loop, mailbox: mailbox, site: bound, ticker: ticker)
            }.get()
            members.append(member)
        }
        self.members = members
        let mailboxes = members.map(\.mailbox)
        presence.reach { post in
            for mailbox in mailboxes { mailbox.post(post) }
        }
        for member in members {
            try await member.loop.submit {
                member.site.value.hub.postToAll = { post in
                    for mailbox in mailboxes { mailbox.post(post) }
                }
            }.get()
        }
    }

    func post(_ post: HubPost) {
        for member in members { member.mailbox.post(post) }
    }

    /// As `post`; what is posted from now on waits for `release`, so that a commit's events and
    /// answers wake each loop once.
    func hold(with post: HubPost) {
        for member in members { member.mailbox.hold(with: post) }
    }

    /// Has the loops fetch what waits. Called without `hold` before, it does nothing.
    func release() {
        for member in members { member.mailbox.release() }
    }

    /// Fills the pipeline of a new connection. Called on its loop.
    /// - Parameter certificate: for TLS; nil for plain HTTP.
    func open(
        _ channel: any Channel, _ certificate: ServerCertificate?
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            guard let member = members.first(where: { $0.loop === channel.eventLoop }) else {
                throw ChannelError.operationUnsupported
            }
            if let certificate {
                try channel.pipeline.syncOperations.addHandler(certificate.makeHandler())
            }
            try HTTPPipeline.add(to: channel, member.site.value)
        }
    }

    /// Tells every socket to go, waits until none is left or the time is over.
    func drain(seconds: Int64) async {
        post(.drain)
        for member in members {
            let mailbox = member.mailbox
            let cut = member.loop.scheduleTask(in: .seconds(seconds)) { mailbox.post(.closeAll) }
            let empty = member.loop.makePromise(of: Void.self)
            let site = member.site
            member.loop.execute { site.value.hub.notifyWhenEmpty(empty) }
            try? await empty.futureResult.get()
            cut.cancel()
            member.ticker.cancel()
            site.eventLoop.execute { site.value.hub.postToAll = { _ in } }
        }
    }
}

extension HTTPDeadlines {
    fileprivate init(_ configuration: ChatServerConfiguration) {
        self.init()
        head = max(1, configuration.headSeconds)
        body = max(1, configuration.bodySeconds)
        idle = max(1, configuration.idleSeconds)
    }
}
