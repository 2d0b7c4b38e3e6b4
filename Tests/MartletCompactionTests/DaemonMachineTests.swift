import MartletFuzzing
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("The daemon's side of the protocol") struct DaemonMachineTests {
    private let second: UInt64 = 1_000_000_000

    private func ready(_ hello: Hello = CompactionSamples.hello, once: Bool = false)
        -> DaemonMachine
    {
        var machine = DaemonMachine(hello, once: once)
        #expect(machine.tick(now: 0, bytes: [:]) == [.connect])
        #expect(machine.connected() == [.send(.hello(hello))])
        #expect(
            machine.received(.welcome(lease: 10_000, build: ""), now: 0)
                == [.send(.claim(memory: 1 << 30))])
        return machine
    }

    private func offer(_ id: UInt64) -> JobBoard.Offer {
        var offer = CompactionSamples.offer
        offer.job.id = id
        offer.token = id + 100
        return offer
    }

    @Test("a job is claimed, run, told of table by table, and written; then the next is claimed")
    func work() {
        var machine = ready()
        let offer = offer(1)
        let left = (1 << 30) - offer.job.estimatedMemory
        #expect(
            machine.received(.job(offer), now: 0) == [.start(offer), .send(.claim(memory: left))])
        let table = CompactionSamples.table(7)
        #expect(
            machine.tableFinished(1, token: 101, table, rest: [5])
                == [.send(.finished(job: 1, token: 101, rest: [5], table: table))])
        #expect(machine.tick(now: second, bytes: [101: 9]) == [])
        #expect(
            machine.tick(now: 3 * second, bytes: [101: 9])
                == [.send(.heartbeat([Beat(job: 1, token: 101, bytes: 9)]))])
        #expect(
            machine.jobEnded(1, token: 101, .written, now: 4 * second)
                == [.send(.written(job: 1, token: 101)), .send(.claim(memory: 1 << 30))])
    }

    @Test("a claim that waits gives way to one with the memory that has become free meanwhile")
    func largerClaim() {
        var machine = ready()
        let first = offer(1)
        let left = (1 << 30) - first.job.estimatedMemory
        #expect(machine.received(.job(first), now: 0).last == .send(.claim(memory: left)))
        #expect(
            machine.jobEnded(1, token: 101, .cancelled, now: 0)
                == [.send(.release(job: 1, token: 101)), .send(.claim(memory: 1 << 30))])
        // Both claims were answered: the second by more than is left.
        #expect(machine.received(.job(offer(2)), now: 0).first == .start(offer(2)))
        var large = offer(3)
        large.job.inputs[0][0].size = 16 << 30
        #expect(
            machine.received(.job(large), now: 0).first
                == .send(.release(job: 3, token: 103)))
        #expect(machine.received(.job(offer(4)), now: 0) == [.start(offer(4))])
        // Two workers have two jobs.
        #expect(
            machine.received(.job(offer(5)), now: 0) == [.send(.release(job: 5, token: 105))])
    }

    @Test("no more jobs are claimed than there are workers, and no memory twice")
    func bounds() {
        var machine = ready()
        _ = machine.received(.job(offer(1)), now: 0)
        #expect(machine.received(.job(offer(2)), now: 0) == [.start(offer(2))])
        #expect(
            machine.jobEnded(1, token: 101, .failed("io"), now: 0)
                == [
                    .send(.failed(job: 1, token: 101, reason: "io")),
                    .send(.claim(memory: (1 << 30) - offer(2).job.estimatedMemory)),
                ])
    }

    @Test("a job that is lost is let go of, and nothing more is said of it")
    func lost() {
        var machine = ready()
        _ = machine.received(.job(offer(1)), now: 0)
        #expect(machine.received(.lost(job: 1, .staleClaim), now: 0) == [.cancel(101)])
        #expect(machine.received(.lost(job: 1, .staleClaim), now: 0) == [])
        #expect(machine.tableFinished(1, token: 101, CompactionSamples.table(7), rest: []) == [])
        // But its memory is free again.
        #expect(
            machine.jobEnded(1, token: 101, .written, now: 0)
                == [.send(.claim(memory: 1 << 30))])
    }

    @Test("a server that goes is waited for, longer each time, and its jobs are let go of")
    func reconnect() {
        var machine = ready()
        _ = machine.received(.job(offer(1)), now: 0)
        #expect(machine.disconnected(now: 0) == [.cancel(101)])
        #expect(machine.tick(now: second / 20, bytes: [:]) == [])
        #expect(machine.tick(now: second / 10, bytes: [:]) == [.connect])
        #expect(machine.disconnected(now: second) == [])
        #expect(machine.tick(now: second + second / 10, bytes: [:]) == [])
        #expect(machine.tick(now: second + second / 5, bytes: [:]) == [.connect])
        for _ in 0..<20 { _ = machine.disconnected(now: 2 * second) }
        #expect(machine.tick(now: 7 * second - 1, bytes: [:]) == [])
        #expect(machine.tick(now: 7 * second, bytes: [:]) == [.connect])
        // The same job of the same server may come again while its old thread still runs.
        _ = machine.connected()
        _ = machine.received(.welcome(lease: 10_000, build: ""), now: 7 * second)
        var again = offer(1)
        again.token = 500
        _ = machine.received(.job(again), now: 7 * second)
        #expect(machine.jobEnded(1, token: 101, .cancelled, now: 7 * second) == [])
        #expect(
            machine.jobEnded(1, token: 500, .written, now: 8 * second).first
                == .send(.written(job: 1, token: 500)))
    }

    @Test("a stop gives back what is under way, then ends")
    func stop() {
        var machine = ready()
        _ = machine.received(.job(offer(1)), now: 0)
        #expect(machine.stop() == [.cancel(101)])
        #expect(
            machine.received(.job(offer(2)), now: 0)
                == [.send(.release(job: 2, token: 102))])
        #expect(
            machine.jobEnded(1, token: 101, .cancelled, now: 0)
                == [.send(.release(job: 1, token: 101)), .disconnect, .stopped])
        var idle = ready()
        #expect(idle.stop() == [.disconnect, .stopped])
    }

    @Test("once: it ends when there was nothing to do for two seconds")
    func once() {
        var machine = ready(once: true)
        #expect(machine.tick(now: second, bytes: [:]) == [])
        #expect(machine.tick(now: 2 * second, bytes: [:]) == [.disconnect, .stopped])
    }

    @Test("another version or another store is final; a crowd is not")
    func refused() {
        var machine = DaemonMachine(CompactionSamples.hello)
        _ = machine.tick(now: 0, bytes: [:])
        _ = machine.connected()
        #expect(
            machine.received(.refused(.store, "x"), now: 0) == [.refused(.store, "x")])
        var crowded = DaemonMachine(CompactionSamples.hello)
        _ = crowded.tick(now: 0, bytes: [:])
        _ = crowded.connected()
        #expect(crowded.received(.refused(.busy, "x"), now: 0) == [.disconnect])
    }
}
