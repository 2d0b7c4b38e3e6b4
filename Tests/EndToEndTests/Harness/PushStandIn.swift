import Dispatch
import Foundation
import Glibc
import MartletHarness
import Synchronization

/// A push service on a port of this machine: plain HTTP, one request for each connection. It
/// remembers what it got, and answers with the statuses that it was told, then with 201.
final class PushStandIn: Sendable {
    struct Request: Sendable {
        var path: String
        /// Names in lower case.
        var headers: [String: String]
        var body: [UInt8]
    }

    private struct State {
        var requests: [Request] = []
        var statuses: [Int]
    }

    let port: UInt16
    private let listener: Int32
    private let state: Mutex<State>
    /// Signalled at each request.
    private let arrivals = DispatchSemaphore(value: 0)

    init(answering statuses: [Int]) throws {
        state = Mutex(State(statuses: statuses))
        port = try Connection.freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeBytes(of: &address) { bytes in
            bind(listener, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, size)
        }
        guard code == 0, listen(listener, 16) == 0 else {
            close(listener)
            throw HarnessError("no port for the push service")
        }
        Thread.detachNewThread { [self] in serve() }
    }

    /// Ends the service; the thread goes with the listener.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    var requests: [Request] { state.withLock { $0.requests } }

    /// Waits until so many requests have come; gives up when the server surely sends none.
    func wait(for count: Int) throws -> [Request] {
        let end = DispatchTime.now() + .seconds(60)
        while requests.count < count {
            guard arrivals.wait(timeout: end) == .success else {
                throw HarnessError("\(requests.count) pushes in place of \(count)")
            }
        }
        return requests
    }

    private func serve() {
        while true {
            let client = accept(listener, nil, nil)
            if client < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            if let request = Self.read(client) {
                let status = state.withLock { state in
                    state.requests.append(request)
                    return state.statuses.isEmpty ? 201 : state.statuses.removeFirst()
                }
                arrivals.signal()
                let answer = Array(
                    "HTTP/1.1 \(status) Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        .utf8)
                _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
            }
            close(client)
        }
        close(listener)
    }

    private static func read(_ client: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let place = bytes.firstRange(of: end) {
                let head = String(decoding: bytes[..<place.lowerBound], as: UTF8.self)
                var request = parse(head)
                let length = Int(request.headers["content-length"] ?? "") ?? 0
                if bytes.count - place.upperBound >= length {
                    request.body = Array(bytes[place.upperBound...])
                    return request
                }
            }
            let count = recv(client, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            bytes += buffer.prefix(count)
        }
    }

    private static func parse(_ head: String) -> Request {
        let lines = head.components(separatedBy: "\r\n")
        let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return Request(path: path, headers: headers, body: [])
    }
}
