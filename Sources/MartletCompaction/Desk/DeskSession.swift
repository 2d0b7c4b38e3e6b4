package import MartletStore

/// The server's side of one connection: frames in, frames out. It decides, and does no I/O; the
/// desk that it asks does none either.
package struct DeskSession {
    package enum Action: Sendable, Equatable {
        case send(ServerFrame)
        /// The last frame, then the connection's end.
        case refuse(DaemonRefusal, String)
    }

    /// What all sessions of a server share.
    package struct Host: Sendable {
        package let desk: CompactionDesk
        package let store: StoreID
        package let leaseMilliseconds: UInt32
        package let build: String

        package init(
            desk: CompactionDesk, store: StoreID, leaseMilliseconds: UInt32, build: String
        ) {
            self.desk = desk
            self.store = store
            self.leaseMilliseconds = leaseMilliseconds
            self.build = build
        }
    }

    private enum State: Equatable {
        case new
        case observer
        case attached(UInt64)
        case ended
    }

    /// Daemons attached at most.
    static let daemonsMax = 64
    static let workersMax: UInt16 = 256

    private let host: Host
    private let listener: @Sendable () -> Void
    private var state = State.new
    /// The memory that a claim which waits has named.
    private var waiting: UInt64?

    /// - Parameter listener: called from any thread when `news` should be.
    package init(_ host: Host, listener: @escaping @Sendable () -> Void) {
        self.host = host
        self.listener = listener
    }

    /// Whether the daemon has said who it is.
    package var isGreeted: Bool { state != .new }

    package mutating func received(_ frame: DaemonFrame) -> [Action] {
        switch (state, frame) {
        case (.new, .hello(let hello)): return greet(hello)
        case (.observer, .status), (.attached, .status):
            return [.send(.status(host.desk.status()))]
        case (.attached(let id), let frame): return word(frame, of: id)
        case (.ended, _): return []
        default: return [fail(.frame, "a frame out of turn")]
        }
    }

    /// Bytes came that are no frame.
    package mutating func received(_ error: FrameError) -> [Action] {
        state == .ended ? [] : [fail(.frame, error.description)]
    }

    /// There may be something to claim.
    package mutating func news() -> [Action] {
        guard case .attached(let id) = state, let memory = waiting else { return [] }
        while let offer = host.desk.claim(id, memory: memory) {
            let frame = ServerFrame.job(offer)
            if frame.encoded.count <= FrameFormat.ofServer.countMax {
                waiting = nil
                return [.send(frame)]
            }
            // Too large to be told: the server runs it itself.
            try? host.desk.failed(offer.job.id, token: offer.token)
        }
        return []
    }

    /// The connection is gone.
    package mutating func end() {
        if case .attached(let id) = state { host.desk.detach(id) }
        state = .ended
    }

    private mutating func greet(_ hello: Hello) -> [Action] {
        guard hello.version == Hello.version else {
            return [
                fail(.version, "protocol \(hello.version), where the server has \(Hello.version)")
            ]
        }
        guard hello.tableFormat == TableFormat.version else {
            let own = TableFormat.version
            return [
                fail(.tableFormat, "tables of \(hello.tableFormat), the server's are of \(own)")
            ]
        }
        guard hello.store == host.store else {
            return [fail(.store, "store \(hello.store), the server's is \(host.store)")]
        }
        if hello.workers == 0 {
            state = .observer
        } else {
            guard host.desk.status().daemons.count < Self.daemonsMax,
                hello.workers <= Self.workersMax
            else { return [fail(.busy, "too many daemons or workers")] }
            let daemon = JobBoard.Daemon(
                name: "\(hello.name) \(hello.build)", workers: Int(hello.workers),
                memory: hello.memory)
            state = .attached(host.desk.attach(daemon, listener: listener))
        }
        return [.send(.welcome(lease: host.leaseMilliseconds, build: host.build))]
    }

    private mutating func word(_ frame: DaemonFrame, of id: UInt64) -> [Action] {
        let desk = host.desk
        switch frame {
        case .claim(let memory):
            waiting = memory
            return news()
        case .heartbeat(let beats):
            return beats.compactMap { beat in
                said(beat.job) { () throws(JobRefusal) in
                    try desk.heard(beat.job, token: beat.token, bytes: beat.bytes)
                }
            }
        case .finished(let job, let token, let rest, let table):
            return answer(job) { () throws(JobRefusal) in
                try desk.finished(table, of: job, token: token, rest: rest)
            }
        case .written(let job, let token):
            return answer(job) { () throws(JobRefusal) in try desk.written(job, token: token) }
        case .failed(let job, let token, _):
            return answer(job) { () throws(JobRefusal) in try desk.failed(job, token: token) }
        case .release(let job, let token):
            return answer(job) { () throws(JobRefusal) in try desk.release(job, token: token) }
        case .hello, .status: return [fail(.frame, "a frame out of turn")]
        }
    }

    private func answer(
        _ job: UInt64, _ body: () throws(JobRefusal) -> Void
    ) -> [Action] {
        said(job, body).map { [$0] } ?? []
    }

    private func said(_ job: UInt64, _ body: () throws(JobRefusal) -> Void) -> Action? {
        do throws(JobRefusal) {
            try body()
            return nil
        } catch {
            return .send(.lost(job: job, error))
        }
    }

    private mutating func fail(_ refusal: DaemonRefusal, _ text: String) -> Action {
        end()
        return .refuse(refusal, text)
    }
}
