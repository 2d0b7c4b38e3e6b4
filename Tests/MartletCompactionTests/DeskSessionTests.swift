import MartletFuzzing
import MartletSimulation
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("The server's side of the protocol") struct DeskSessionTests {
    private let store: Store
    private let host: DeskSession.Host

    init() throws {
        let simulation = Simulation(seed: 1)
        var options = StoreOptions()
        options.memtableSize = 64 << 10
        options.logSegmentSize = 64 << 10
        store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        host = DeskSession.Host(
            desk: store.desk, store: store.id, leaseMilliseconds: 10_000, build: "b")
    }

    private var hello: Hello {
        Hello(store: store.id, workers: 1, memory: 1, name: "d", build: "b")
    }

    private func refusal(_ actions: [DeskSession.Action]) -> DaemonRefusal? {
        guard case .refuse(let refusal, _)? = actions.first else { return nil }
        return refusal
    }

    @Test("a daemon of this store and version is welcome and counted, until it goes")
    func welcome() {
        var session = DeskSession(host) {}
        #expect(
            session.received(.hello(hello)) == [.send(.welcome(lease: 10_000, build: "b"))])
        #expect(store.desk.status().daemons.count == 1)
        #expect(session.received(.claim(memory: 1)) == [])
        session.end()
        #expect(store.desk.status().daemons.isEmpty)
    }

    @Test("another protocol, table format or store is refused by its name")
    func refused() {
        var version = hello
        version.version = 2
        var format = hello
        format.tableFormat = 99
        var other = hello
        other.store = StoreID(low: 1, high: 2)
        let cases = [(version, DaemonRefusal.version), (format, .tableFormat), (other, .store)]
        for (hello, refusal) in cases {
            var session = DeskSession(host) {}
            #expect(self.refusal(session.received(.hello(hello))) == refusal)
            #expect(session.received(.status) == [], "it is over")
        }
        #expect(store.desk.status().daemons.isEmpty)
    }

    @Test("the hello of a newer version is refused for its version, whatever else it says")
    func newer() throws {
        var fields = FieldEncoder()
        fields.put(UInt16(2))
        fields.put(UInt64(7))
        let said = try DaemonFrame(Frame(type: 1, body: fields.bytes))
        var session = DeskSession(host) {}
        #expect(refusal(session.received(said)) == .version)
    }

    @Test("who does not say hello first, or says it twice, is out of turn")
    func outOfTurn() {
        for frame in CompactionSamples.daemon.dropFirst() {
            var session = DeskSession(host) {}
            #expect(refusal(session.received(frame)) == .frame)
        }
        var session = DeskSession(host) {}
        _ = session.received(.hello(hello))
        #expect(refusal(session.received(.hello(hello))) == .frame)
        #expect(store.desk.status().daemons.isEmpty)
        var garbled = DeskSession(host) {}
        #expect(refusal(garbled.received(FrameError(.checksum, "garbled"))) == .frame)
    }

    @Test("words about jobs that are not there are answered, and the session goes on")
    func lost() {
        var session = DeskSession(host) {}
        _ = session.received(.hello(hello))
        let words: [DaemonFrame] = [
            .heartbeat([Beat(job: 9, token: 1, bytes: 1)]), .written(job: 9, token: 1),
            .failed(job: 9, token: 1, reason: ""), .release(job: 9, token: 1),
            .finished(job: 9, token: 1, rest: [], table: CompactionSamples.table(1)),
        ]
        for word in words {
            #expect(session.received(word) == [.send(.lost(job: 9, .unknownJob))])
        }
        #expect(store.desk.status().counts.refusals == 5)
    }

    @Test("an observer gets the status and nothing else")
    func observer() {
        var session = DeskSession(host) {}
        var hello = hello
        hello.workers = 0
        _ = session.received(.hello(hello))
        #expect(session.received(.status) == [.send(.status(CompactionStatus()))])
        #expect(refusal(session.received(.claim(memory: 1))) == .frame)
    }
}
