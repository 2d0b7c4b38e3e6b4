import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The HTTP client of all transports. No redirect is followed, every reply is cut to a bound, and
/// everything ends by a deadline.
///
/// An endpoint that a user chose is resolved here, all its addresses are checked, and the
/// connection goes to a checked address, never through a second look-up: each origin has a client
/// whose name override says where to connect.
///
/// Holds P3.
public final class PushClient: Sendable {
    let options: PushClientOptions
    private let resolver: any HostResolver
    private let ownResolver: SystemResolver?
    private let direct: HTTPClient
    private let shelf: Mutex<ClientShelf<HTTPClient>>
    private let roots: [NIOSSLCertificate]

    /// Throws where `extraRootsPEM` is not PEM. Close with `shutdown`.
    public init(options: PushClientOptions) throws {
        self.options = options
        roots =
            options.extraRootsPEM.isEmpty
            ? [] : try NIOSSLCertificate.fromPEMBytes(options.extraRootsPEM)
        if let given = options.resolver {
            resolver = given
            ownResolver = nil
        } else {
            let system = SystemResolver(
                group: options.group, timeout: .milliseconds(options.connectTimeout))
            resolver = system
            ownResolver = system
        }
        direct = Self.client(options, roots: roots, override: [:])
        shelf = Mutex(
            ClientShelf(
                capacity: options.originsMax, lifetime: options.addressLifetime * 1_000_000))
    }

    /// Ends all requests under way and closes all connections. Nothing may be sent afterwards.
    public func shutdown() async {
        for client in [direct] + shelf.withLock({ $0.removeAll() }) {
            try? await client.shutdown()
        }
        await ownResolver?.shutdown()
    }

    /// Seconds since 1970.
    var seconds: UInt64 { options.now() / 1_000_000 }

    func post(_ request: PushRequest) async throws(PushFailure) -> PushReply {
        let deadline = NIODeadline.now() + .milliseconds(options.deadline)
        guard request.isGuarded else {
            return try await attempt(request, with: direct, deadline).reply()
        }
        if request.url.isSecure == false, !options.rules.allowsPlainHTTP {
            throw .forbidden("plain http is not allowed")
        }
        var failure = PushFailure.unreachable("no address")
        var failed: IPAddress?
        // A second try meets another address: of the other family, or where the name has moved.
        for _ in 0..<2 {
            guard let lease = try await lease(request.url, avoiding: failed) else { break }
            let result = await attempt(request, with: lease.client, deadline)
            let isBroken = if case .notConnected = result { true } else { false }
            close(shelf.withLock { $0.release(lease, isBroken: isBroken) })
            guard case .notConnected(let reason) = result else { return try result.reply() }
            failure = .unreachable(reason)
            failed = lease.address
        }
        throw failure
    }

    /// A client for a checked address of `url`; `nil` where only `failed` is left.
    private func lease(
        _ url: PushURL, avoiding failed: IPAddress?
    ) async throws(PushFailure) -> ClientShelf<HTTPClient>.Lease? {
        let now = options.now()
        if let lease = shelf.withLock({ $0.lease(url.origin, now: now) }) { return lease }
        let addresses: [IPAddress]
        do {
            addresses = try await resolve(url.host)
        } catch {
            // Nobody can say, so the address that was checked last is as good as ever.
            let old = shelf.withLock { $0.lease(url.origin, now: now, anyAge: true) }
            if let old { return old }
            throw .unreachable("\(error)")
        }
        if addresses.isEmpty { throw .unreachable("no such host") }
        do {
            try options.addresses.check(addresses)
        } catch {
            throw .forbidden(error.reason)
        }
        let left = addresses.filter { $0 != failed }
        let others = left.filter { failed != nil && $0.isSix != failed?.isSix }
        let (lease, closing) = shelf.withLock { shelf in
            shelf.lease(url.origin, addresses: others.isEmpty ? left : others, now: now) {
                Self.client(options, roots: roots, override: [Self.key(url): $0.description])
            }
        }
        close(closing)
        return lease
    }

    private func resolve(_ host: String) async throws -> [IPAddress] {
        if let literal = IPAddress(host) { return [literal] }
        return try await resolver.addresses(of: host).compactMap { IPAddress($0) }
    }

    /// The name under which the library looks for an override.
    private static func key(_ url: PushURL) -> String {
        url.host.utf8.contains(UInt8(ascii: ":")) ? "[\(url.host)]" : url.host
    }

    private func close(_ clients: [HTTPClient]) {
        for client in clients { _ = client.shutdown() as EventLoopFuture<Void> }
    }

    private static func client(
        _ options: PushClientOptions, roots: [NIOSSLCertificate], override: [String: String]
    ) -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        if !roots.isEmpty { tls.additionalTrustRoots = [.certificates(roots)] }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                connect: .milliseconds(options.connectTimeout),
                read: .milliseconds(options.deadline)),
            connectionPool: .init(idleTimeout: .minutes(10)))
        // Repeating is the schedule's business.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = override
        return HTTPClient(
            eventLoopGroupProvider: .shared(options.group), configuration: configuration)
    }
}

extension PushClient {
    private enum Attempt {
        case replied(PushReply)
        /// No byte of the request has left.
        case notConnected(String)
        case broken(String)

        func reply() throws(PushFailure) -> PushReply {
            switch self {
            case .replied(let reply): return reply
            case .notConnected(let reason), .broken(let reason): throw .unreachable(reason)
            }
        }
    }

    private func attempt(
        _ request: PushRequest, with client: HTTPClient, _ deadline: NIODeadline
    ) async -> Attempt {
        var message = HTTPClientRequest(url: request.url.text)
        message.method = .POST
        message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        message.headers.add(name: "user-agent", value: "martlet")
        message.body = .bytes(ByteBuffer(bytes: request.body))
        do {
            let response = try await client.execute(message, deadline: deadline)
            let retryAfter = response.headers.first(name: "retry-after").flatMap {
                RetryAfter.seconds($0, now: seconds)
            }
            return .replied(
                PushReply(
                    status: Int(response.status.code), retryAfter: retryAfter,
                    body: await beginning(of: response.body, until: deadline)))
        } catch {
            return Self.isConnecting(error) ? .notConnected("\(error)") : .broken("\(error)")
        }
    }

    /// The status counts already: a body that breaks off or goes on for ever does not unmake it.
    private func beginning(
        of body: HTTPClientResponse.Body, until deadline: NIODeadline
    ) async -> [UInt8] {
        let left = max((deadline - .now()).nanoseconds, 0)
        // The library's deadline ends with the head; its read timeout begins anew with each byte.
        return await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { await self.read(body) }
            group.addTask {
                try? await Task.sleep(for: .nanoseconds(left))
                return nil
            }
            defer { group.cancelAll() }
            for await bytes in group {
                if let bytes { return bytes }
                group.cancelAll()
            }
            return []
        }
    }

    private func read(_ body: HTTPClientResponse.Body) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await part in body {
                bytes += part.readableBytesView.prefix(options.replyBytesMax - bytes.count)
                if bytes.count >= options.replyBytesMax { break }
            }
        } catch {}
        return bytes
    }

    private static func isConnecting(_ error: any Error) -> Bool {
        if error is NIOConnectionError { return true }
        if let error = error as? HTTPClientError { return error == .connectTimeout }
        if let error = error as? ChannelError, case .connectTimeout = error { return true }
        let codes = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, ETIMEDOUT]
        return (error as? IOError).map { codes.contains($0.errnoCode) } ?? false
    }
}
