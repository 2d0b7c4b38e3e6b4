import MartletChat
import MartletServer
import NIOCore
import Testing

@Suite("A server that takes no writes") struct ReadOnlySessionTests {
    private static let ann = UserID(rawValue: 1)
    private static let moment = SessionStateMachine.Moment(second: 0, wall: 1_000_000)

    private static func text(_ answer: Answer, _ facts: ServerFacts) -> String {
        var json = JSONWriter()
        answer.write(to: &json, facts: facts)
        return String(buffer: json.finish())
    }

    /// What a session that has said nothing yet answers to a frame.
    private static func answer(_ frame: String, _ facts: ServerFacts) -> String {
        var machine = SessionStateMachine(epoch: 3, second: 0)
        let actions = machine.handle(.frame(SessionScript.parse(frame)), at: moment)
        guard case .write(let answer)? = actions.first else { return "" }
        return text(answer, facts)
    }

    @Test("says of which position of its store an answer is, and only of what it has read")
    func positions() {
        var script = SessionScript.authenticated()
        let cursor = InboxCursor(epoch: 3, seq: 4)
        _ = script.client(#"{"sync":{"epoch":3,"seq":4}}"#)
        #expect(
            script.reply(.reflecting(77, .events([], cursor, limited: false))) == [
                #"{"sync":{"epoch":3,"seq":4,"limited":false,"reset":false,"events":[],"#
                    + #""position":77}}"#
            ])
        _ = script.client(#"{"history":{"conversation":"0000000000000002"}}"#)
        #expect(
            script.reply(.reflecting(78, .history([], more: false))) == [
                #"{"history":{"conversation":"0000000000000002","more":false,"messages":[],"#
                    + #""position":78}}"#
            ])
        _ = script.client(#"{"conversations":{}}"#)
        #expect(
            script.reply(.reflecting(79, .conversations([], more: false))) == [
                #"{"conversations":{"more":false,"conversations":[],"position":79}}"#
            ])
        _ = script.client(#"{"find":{"name":"bea"}}"#)
        #expect(
            script.reply(.reflecting(80, .user(Self.ann, name: "bea"))) == [
                #"{"find":{"user":"0000000000000001","name":"bea","position":80}}"#
            ])
        _ = script.client(#"{"read":{"conversation":"0000000000000002","upTo":1}}"#)
        #expect(
            script.reply(.moved(1)) == [
                #"{"read":{"conversation":"0000000000000002","upTo":1}}"#
            ])
    }

    @Test("a page of a poll says its position; the page that new events made says none")
    func polls() {
        let request = PollRequest(token: "t", epoch: 3, seq: 4, limit: 10, timeoutSeconds: 5)
        var machine = PollMachine(request, epoch: 3)
        _ = machine.handle(.start, at: Self.moment)
        let session = SessionScript.session(expiresAt: .max >> 11)
        _ = machine.handle(.outcome(.session(session)), at: Self.moment)
        _ = machine.handle(.admitted(wait: nil), at: Self.moment)
        let cursor = InboxCursor(epoch: 3, seq: 4)
        _ = machine.handle(
            .outcome(.reflecting(9, .events([], cursor, limited: false))), at: Self.moment)
        #expect(machine.position == 9)
        let event = InboxEvent(seq: 5, kind: .message(SessionScript.message(1)))
        _ = machine.handle(.event(event), at: Self.moment)
        let actions = machine.handle(.settle, at: Self.moment)
        #expect(actions.count == 1)
        #expect(machine.position == nil)
    }

    @Test("hi names the servers, and that it can only be read from")
    func hello() {
        var facts = ServerFacts(build: "b")
        let hi = #"{"hi":{"version":1,"agent":"test"}}"#
        #expect(Self.answer(hi, facts) == "{\(hiAnswer)}}")
        facts.servers = ["https://one.example.org", "https://two.example.org"]
        #expect(
            Self.answer(hi, facts)
                == "{\(hiAnswer),"
                + #""servers":["https://one.example.org","https://two.example.org"]}}"#)
        facts.servers = []
        facts.readOnly = { ReadOnlyFacts(position: 12, primary: "https://one.example.org") }
        #expect(
            Self.answer(hi, facts)
                == "{\(hiAnswer),"
                + #""readOnly":{"position":12,"primary":"https://one.example.org"}}}"#)
        facts.readOnly = { ReadOnlyFacts(position: 12) }
        #expect(Self.answer(hi, facts) == "{\(hiAnswer)," + #""readOnly":{"position":12}}}"#)
    }

    @Test("a refusal names where the writes are taken, where that is known")
    func refusal() {
        var machine = SessionStateMachine(epoch: 3, second: 0)
        _ = machine.handle(
            .frame(SessionScript.parse(#"{"hi":{"version":1,"agent":"test"}}"#)), at: Self.moment)
        _ = machine.handle(
            .frame(SessionScript.parse(#"{"id":"1","login":{"name":"ann","password":"x"}}"#)),
            at: Self.moment)
        let error = ChatError(.readOnly, "another one", retryAfterMilliseconds: 1_000)
        let actions = machine.handle(.outcome(1, .failure(error)), at: Self.moment)
        guard case .write(let answer)? = actions.first else {
            Issue.record("no answer")
            return
        }
        var facts = ServerFacts(build: "b")
        let start =
            #"{"id":"1","error":{"code":"read_only","status":503,"message":"another one","#
            + #""retryAfter":1000"#
        #expect(Self.text(answer, facts) == start + "}}")
        facts.readOnly = { ReadOnlyFacts(position: 12, primary: "https://one.example.org") }
        #expect(
            Self.text(answer, facts) == start + #","primary":"https://one.example.org"}}"#)
    }
}
