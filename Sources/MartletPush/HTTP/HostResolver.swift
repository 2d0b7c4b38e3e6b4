import Glibc
import NIOCore
import NIOPosix

/// Turns names into addresses.
public protocol HostResolver: Sendable {
    /// All addresses of `host`, the preferred one first, in text form; an empty array where the
    /// name has none. Throws where nobody could say.
    func addresses(of host: String) async throws -> [String]
}

/// The system's resolver, on threads of its own since it blocks for as long as it likes.
final class SystemResolver: HostResolver {
    struct Unresolved: Error, CustomStringConvertible {
        var description: String
    }

    private static let threads = 4

    private let pool = NIOThreadPool(numberOfThreads: threads)
    private let group: any EventLoopGroup
    private let timeout: TimeAmount

    init(group: any EventLoopGroup, timeout: TimeAmount) {
        self.group = group
        self.timeout = timeout
        pool.start()
    }

    func addresses(of host: String) async throws -> [String] {
        let promise = group.any().makePromise(of: [String].self)
        // The call cannot be broken off: a late answer finds the promise kept already.
        let watchdog = promise.futureResult.eventLoop.scheduleTask(in: timeout) {
            promise.fail(Unresolved(description: "name resolution timed out"))
        }
        promise.futureResult.whenComplete { _ in watchdog.cancel() }
        pool.runIfActive(eventLoop: promise.futureResult.eventLoop) {
            try Self.blockingAddresses(of: host)
        }.cascade(to: promise)
        return try await promise.futureResult.get()
    }

    func shutdown() async { try? await pool.shutdownGracefully() }

    private static func blockingAddresses(of host: String) throws -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &first)
        defer { if let first { freeaddrinfo(first) } }
        if status == EAI_NONAME { return [] }
        guard status == 0 else {
            throw Unresolved(description: String(cString: gai_strerror(status)))
        }
        var found: [String] = []
        var next = first
        while let entry = next {
            next = entry.pointee.ai_next
            guard let address = entry.pointee.ai_addr.flatMap({ IPAddress($0) }) else { continue }
            if !found.contains(address.description) { found.append(address.description) }
        }
        return found
    }
}
