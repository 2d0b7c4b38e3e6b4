import CBench
import Glibc

/// One TCP connection to a server on this machine. Subclasses speak a protocol.
class Link {
    /// Unowned would cost a check on each use; the reactor outlives its links.
    let reactor: Reactor
    private var descriptor: Int32 = -1
    private var slot = 0
    private var isConnecting = false
    /// Bytes of a frame that is not complete.
    private var leftover: [UInt8] = []
    /// Bytes that the kernel has not taken.
    private var backlog: [UInt8] = []
    private(set) var isOpen = false

    init(_ reactor: Reactor) {
        self.reactor = reactor
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    // MARK: For subclasses

    /// The connection stands: say the first word into `reactor.output`.
    func connected() {}

    /// Takes whole frames from the front of `bytes`; answers go to `reactor.output`.
    /// - Returns: how many bytes were taken.
    func take(_ bytes: UnsafeRawBufferPointer) -> Int { bytes.count }

    /// The connection is gone, and not by `close`.
    func lost(_ reason: String) {}

    // MARK: Life

    /// Connects to `port` of 127.0.0.1, from 127.0.0.`source`.
    final func connect(port: UInt16, source: Int) {
        close()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return lost("socket: errno \(errno)") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        // Ports are given out by connect, when both ends are known.
        setsockopt(descriptor, Int32(IPPROTO_IP), 24 /* IP_BIND_ADDRESS_NO_PORT */, &one, 4)
        var own = Self.address(host: UInt32(0x7F00_0000 + source), port: 0)
        var server = Self.address(host: 0x7F00_0001, port: port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &own) { own in
            withUnsafePointer(to: &server) { server in
                own.withMemoryRebound(to: sockaddr.self, capacity: 1) { own in
                    server.withMemoryRebound(to: sockaddr.self, capacity: 1) { server in
                        bind(descriptor, own, size) == 0
                            ? Glibc.connect(descriptor, server, size) : -1
                    }
                }
            }
        }
        guard status == 0 || errno == EINPROGRESS else {
            let reason = "connect: errno \(errno)"
            drop()
            return lost(reason)
        }
        isOpen = true
        isConnecting = true
        slot = reactor.add(self, descriptor)
    }

    private static func address(host: UInt32, port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return address
    }

    /// Closes without a word; `lost` is not called.
    final func close() {
        if isOpen { reactor.remove(slot) }
        drop()
    }

    private func drop() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        isOpen = false
        leftover = []
        backlog = []
    }

    private func fail(_ reason: String) {
        close()
        lost(reason)
    }

    // MARK: Bytes

    /// What epoll says about the socket.
    final func serve(_ events: UInt32) {
        if isConnecting {
            var error: Int32 = 0
            var size = socklen_t(4)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
            guard error == 0 else { return fail("connect: errno \(error)") }
            isConnecting = false
            reactor.watch(descriptor, slot, writing: false)
            reactor.now = monotonicNanoseconds()
            connected()
            flush()
        } else if events & EPOLLOUT.rawValue != 0 {
            resume()
        }
        let input = EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue
        if isOpen, events & input != 0 { receive() }
    }

    private func receive() {
        guard let base = reactor.input.baseAddress else { return }
        let held = leftover.count
        leftover.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { memcpy(base, source, held) }
        }
        let count = recv(descriptor, base + held, reactor.input.count - held, 0)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            return fail(count == 0 ? "closed by the server" : "recv: errno \(errno)")
        }
        reactor.now = monotonicNanoseconds()
        let bytes = UnsafeRawBufferPointer(start: base, count: held + count)
        let taken = take(bytes)
        if taken < bytes.count {
            leftover = Array(bytes[taken...])
        } else if held > 0 {
            leftover = []
        }
        flush()
    }

    /// Sends what stands in `reactor.output`.
    final func flush() {
        let output = reactor.output
        defer { output.removeAll() }
        guard output.count > 0, isOpen else { return }
        guard backlog.isEmpty else {
            backlog += output.bytes
            return
        }
        let sent = Glibc.send(descriptor, output.bytes.baseAddress, output.count, Self.noSignal)
        if sent == output.count { return }
        guard sent >= 0 || errno == EAGAIN else { return fail("send: errno \(errno)") }
        backlog = Array(output.bytes[max(0, sent)...])
        reactor.watch(descriptor, slot, writing: true)
    }

    private func resume() {
        let sent = backlog.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Self.noSignal)
        }
        guard sent >= 0 else {
            if errno != EAGAIN { fail("send: errno \(errno)") }
            return
        }
        backlog.removeFirst(sent)
        if backlog.isEmpty {
            backlog = []
            reactor.watch(descriptor, slot, writing: false)
        }
    }

    private static let noSignal = Int32(MSG_NOSIGNAL)
}
