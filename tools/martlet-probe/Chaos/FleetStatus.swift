import Glibc
import MartletHarness

/// What a shipper or a follower says of itself on its control socket.
struct FleetStatus {
    struct Follower {
        var name: String
        var state: String
        var durable: Int
        var lagRecords: Int
        var lagBytes: Int
        var seeds: Int
    }

    var sequence: Int
    var isDeposed: Bool
    var followers: [Follower]

    /// - Returns: `nil` where nobody answers within two seconds.
    static func ask(_ path: String) -> FleetStatus? {
        guard let json = get(path, "/v1/replication") else { return nil }
        let followers = (json["followers"]?.elements ?? []).map { follower in
            Follower(
                name: follower["name"]?.string ?? "", state: follower["state"]?.string ?? "",
                durable: follower["durable"]?.integer ?? 0,
                lagRecords: follower["lagRecords"]?.integer ?? 0,
                lagBytes: follower["lagBytes"]?.integer ?? 0,
                seeds: follower["seeds"]?.integer ?? 0)
        }
        return FleetStatus(
            sequence: json["sequence"]?.integer ?? 0, isDeposed: json["deposed"] == .bool(true),
            followers: followers)
    }

    /// Whether somebody listens on a socket.
    static func isThere(_ path: String) -> Bool {
        guard let number = connected(path) else { return false }
        close(number)
        return true
    }

    private static func get(_ path: String, _ request: String) -> JSON? {
        guard let number = connected(path) else { return nil }
        defer { close(number) }
        let text = "GET \(request) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        guard send(number, text, text.utf8.count, Int32(MSG_NOSIGNAL)) > 0 else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(number, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        guard HTTPHead.take(from: &answer)?.status == 200 else { return nil }
        return try? JSON.parse(String(decoding: answer, as: UTF8.self))
    }

    /// A connected socket whose reads and writes take two seconds at most.
    private static func connected(_ path: String) -> Int32? {
        guard path.utf8.count < 108 else { return nil }
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { return nil }
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let code = withUnsafeBytes(of: &address) {
            connect(
                number, $0.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t(MemoryLayout<sockaddr_un>.size))
        }
        if code == 0 { return number }
        close(number)
        return nil
    }
}
