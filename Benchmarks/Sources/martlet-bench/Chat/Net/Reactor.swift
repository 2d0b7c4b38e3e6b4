import CBench
import Glibc

/// What happens by the clock.
protocol Pulse: AnyObject {
    /// Does all that is due at `now`; returns when it wants to be called again, nanoseconds.
    func pulse(_ now: UInt64) -> UInt64
}

/// One thread, one epoll, many links: the generator must cost little beside the server.
final class Reactor {
    private let poll: Int32
    private static let batch: Int32 = 256
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Int(batch))
    private var links: [Link?] = []
    private var free: [Int] = []
    private var freed: [Int] = []
    /// Where links read into.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    /// Where the link that is being served puts its answer.
    let output = ByteBuilder()
    /// When the bytes being served were read, or the pulse being served began.
    var now = monotonicNanoseconds()

    init() throws {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw BenchError("epoll: \(String(cString: strerror(errno)))") }
    }

    deinit {
        close(poll)
        events.deallocate()
        input.deallocate()
    }

    /// Begins to watch a link's socket; returns its slot.
    func add(_ link: Link, _ descriptor: Int32) -> Int {
        let slot = free.popLast() ?? links.count
        if slot == links.count { links.append(link) } else { links[slot] = link }
        control(EPOLL_CTL_ADD, descriptor, slot, writing: true)
        return slot
    }

    /// Says whether a link also waits to write.
    func watch(_ descriptor: Int32, _ slot: Int, writing: Bool) {
        control(EPOLL_CTL_MOD, descriptor, slot, writing: writing)
    }

    /// The descriptor is about to be closed.
    func remove(_ slot: Int) {
        links[slot] = nil
        freed.append(slot)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ slot: Int, writing: Bool) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (writing ? EPOLLOUT.rawValue : 0)
        event.data.u64 = UInt64(slot)
        epoll_ctl(poll, operation, descriptor, &event)
    }

    /// Serves until `isDone`, which is asked after each turn.
    func run(_ pulse: any Pulse, until isDone: () -> Bool) {
        while true {
            now = monotonicNanoseconds()
            let next = pulse.pulse(now)
            if isDone() { return }
            let moment = monotonicNanoseconds()
            let wait = next == .max ? 1_000_000_000 : Int64(next > moment ? next - moment : 0)
            let count = bench_epoll_wait(poll, events, Self.batch, min(wait, 1_000_000_000))
            for index in 0..<max(0, Int(count)) {
                let event = events[index]
                links[Int(event.data.u64)]?.serve(event.events)
            }
            free += freed
            freed.removeAll(keepingCapacity: true)
        }
    }
}
