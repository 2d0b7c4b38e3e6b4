import MartletChat
import MartletServer
import NIOCore
import Testing

/// Drives a `PollMachine` by hand; what it does as lines of text.
private struct PollScript {
    var machine: PollMachine
    var second = 100
    var wall: UInt64 = 1_000_000

    init(epoch: UInt32 = 3, seq: UInt64 = 41, limit: Int = 100, timeout: Int = 20) {
        machine = PollMachine(
            PollRequest(token: "t", epoch: epoch, seq: seq, limit: limit, timeoutSeconds: timeout),
            epoch: 3)
    }

    mutating func handle(_ event: PollMachine.Event) -> [String] {
        machine.handle(event, at: .init(second: second, wall: wall)).map { action in
            switch action {
            case .call(.authenticate): return "authenticate"
            case .call(.events(_, let seq, let limit)): return "read \(limit) after \(seq)"
            case .call(.latestCursor): return "latest"
            case .call: return "another call"
            case .admit(let user): return "admit \(user.rawValue)"
            case .register(let user): return "register \(user.rawValue)"
            case .answer(.sync(let cursor, let events, let limited, let reset)):
                let seqs = events.map { String($0.seq) }.joined(separator: ",")
                return "page [\(seqs)] to \(cursor.epoch).\(cursor.seq)"
                    + (limited ? " limited" : "") + (reset ? " reset" : "")
            case .answer(.error(let error)): return "error \(error.code)"
            case .answer: return "another answer"
            }
        }
    }

    mutating func start(expiresAt: UInt64 = .max >> 11) {
        #expect(handle(.start) == ["authenticate"])
        let session = SessionScript.session(expiresAt: expiresAt)
        #expect(handle(.outcome(.session(session))) == ["admit 1"])
    }

    mutating func read(_ seqs: [UInt64], to end: UInt64, limited: Bool = false) -> [String] {
        handle(
            .outcome(
                .events(
                    seqs.map(Self.event), InboxCursor(epoch: 3, seq: end), limited: limited)))
    }

    mutating func park() {
        start()
        #expect(handle(.admitted(wait: nil)) == ["register 1", "read 100 after 41"])
        #expect(read([], to: 41).isEmpty)
    }

    static func event(_ seq: UInt64) -> InboxEvent {
        InboxEvent(seq: seq, kind: .delivered(ConversationID(rawValue: 2), upTo: 3))
    }

    mutating func told(_ seqs: UInt64...) -> [String] {
        for seq in seqs { #expect(handle(.event(Self.event(seq))).isEmpty) }
        return handle(.settle)
    }
}

@Suite struct PollMachineTests {
    @Test("what is there already is answered at once")
    func ready() {
        var poll = PollScript()
        poll.start()
        #expect(poll.handle(.admitted(wait: nil)) == ["register 1", "read 100 after 41"])
        #expect(poll.read([42, 43], to: 43, limited: true) == ["page [42,43] to 3.43 limited"])
        #expect(poll.told(44).isEmpty)
    }

    @Test("an event ends the wait, and all events of the moment come together")
    func woken() {
        var poll = PollScript()
        poll.park()
        #expect(poll.told(42, 43, 44) == ["page [42,43,44] to 3.44"])
        #expect(poll.handle(.tick).isEmpty)
    }

    @Test("an event that came between the reading and the parking is not lost")
    func race() {
        var poll = PollScript()
        poll.start()
        _ = poll.handle(.admitted(wait: nil))
        #expect(poll.told(42).isEmpty)
        #expect(poll.read([], to: 41) == ["page [42] to 3.42"])
    }

    @Test("an event beyond a gap has the inbox read again")
    func gap() {
        var poll = PollScript()
        poll.park()
        #expect(poll.told(45) == ["read 100 after 41"])
        #expect(poll.read([42, 43, 44, 45], to: 45) == ["page [42,43,44,45] to 3.45"])
    }

    @Test("a message that was changed is read, as the user may have deleted it")
    func changed() {
        func change(_ seq: UInt64) -> PollMachine.Event {
            let message = Message(
                conversation: ConversationID(rawValue: 1 << 63 | 7), number: 1,
                sender: UserID(rawValue: 2), clientMessageID: nil, sentAt: 0, text: "edited")
            return .event(InboxEvent(seq: seq, kind: .changed(message)))
        }
        var poll = PollScript()
        poll.park()
        #expect(poll.handle(change(42)).isEmpty)
        #expect(poll.handle(.settle) == ["read 100 after 41"])
        #expect(poll.read([42], to: 42) == ["page [42] to 3.42"])

        poll = PollScript()
        poll.park()
        #expect(poll.handle(.event(PollScript.event(42))).isEmpty)
        #expect(poll.handle(change(43)).isEmpty)
        #expect(poll.told(44) == ["page [42] to 3.42 limited"])
    }

    @Test("more events than asked for leave the rest for the next poll")
    func limit() {
        var poll = PollScript(limit: 2)
        poll.start()
        _ = poll.handle(.admitted(wait: nil))
        _ = poll.read([], to: 41)
        #expect(poll.told(42, 43, 44) == ["page [42,43] to 3.43 limited"])
    }

    @Test("old events are nothing new")
    func old() {
        var poll = PollScript()
        poll.park()
        #expect(poll.told(40, 41).isEmpty)
    }

    @Test("the timeout gives an empty page with the same cursor")
    func timeout() {
        var poll = PollScript()
        poll.park()
        #expect(poll.machine.deadline == 121)
        poll.second = 120
        #expect(poll.handle(.tick).isEmpty)
        poll.second = 121
        #expect(poll.handle(.tick) == ["page [] to 3.41"])
    }

    @Test("a timeout of 0 never parks")
    func noWait() {
        var poll = PollScript(timeout: 0)
        poll.start()
        _ = poll.handle(.admitted(wait: nil))
        #expect(poll.read([], to: 41) == ["page [] to 3.41"])
    }

    @Test("a newer poll and a stopping server end it with an empty page, a log-out with 401")
    func ended() {
        var poll = PollScript()
        poll.park()
        #expect(poll.handle(.dismiss) == ["page [] to 3.41"])
        #expect(poll.handle(.dismiss).isEmpty)
        var reading = PollScript()
        reading.start()
        _ = reading.handle(.admitted(wait: nil))
        #expect(reading.handle(.dismiss) == ["page [] to 3.41"])
        #expect(reading.read([42], to: 42).isEmpty)
        var out = PollScript()
        out.park()
        #expect(out.handle(.revoked) == ["error unauthorized"])
    }

    @Test("nothing is told after the token's expiry")
    func expiry() {
        var poll = PollScript()
        poll.start(expiresAt: 2_000_000)
        _ = poll.handle(.admitted(wait: nil))
        _ = poll.read([], to: 41)
        poll.wall = 2_000_000
        #expect(poll.told(42) == ["error unauthorized"])
    }

    @Test("a cursor of another epoch, or from the future, is reset")
    func reset() {
        var poll = PollScript(epoch: 2)
        poll.start()
        #expect(poll.handle(.admitted(wait: nil)) == ["register 1", "latest"])
        #expect(
            poll.handle(.outcome(.cursor(InboxCursor(epoch: 3, seq: 9)))) == [
                "page [] to 3.9 reset"
            ])
        var ahead = PollScript()
        ahead.start()
        _ = ahead.handle(.admitted(wait: nil))
        #expect(ahead.read([], to: 7) == ["page [] to 3.7 reset"])
    }

    @Test("a wrong token, too many polls and a failed read have their errors")
    func errors() {
        var wrong = PollScript()
        _ = wrong.handle(.start)
        #expect(
            wrong.handle(.outcome(.failure(ChatError(.unauthorized, "no"))))
                == ["error unauthorized"])
        var often = PollScript()
        often.start()
        #expect(often.handle(.admitted(wait: 5)) == ["error too_many"])
        var broken = PollScript()
        broken.start()
        _ = broken.handle(.admitted(wait: nil))
        #expect(
            broken.handle(.outcome(.failure(ChatError(.unavailable, "no"))))
                == ["error unavailable"])
    }
}
