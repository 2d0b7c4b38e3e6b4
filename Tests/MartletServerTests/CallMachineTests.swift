import MartletChat
import MartletServer
import NIOCore
import Testing

@Suite struct CallMachineTests {
    private let now = SessionStateMachine.Moment(second: 5, wall: 1_000_000)

    private func machine(_ text: String, token: String? = "t") throws -> CallMachine {
        CallMachine(try SessionScript.parse(text).get(), token: token, epoch: 3)
    }

    private func lines(_ actions: [CallMachine.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .call(let ticket, let call): return "\(ticket) \(call)"
            case .admit(let user): return "admit \(user.rawValue)"
            case .revoke(let user, let token): return "revoke \(user.rawValue) \(token)"
            case .answer(let answer):
                var json = JSONWriter(ByteBuffer())
                answer.write(to: &json, facts: ServerFacts(build: "b"))
                return String(buffer: json.finish())
            }
        }
    }

    private let session = ChatOutcome.session(SessionScript.session(expiresAt: .max >> 11))

    @Test("the token is checked, then the frame is served as on a socket")
    func served() throws {
        var call = try machine(#"{"id":"7","find":{"name":"bea"}}"#)
        #expect(lines(call.handle(.start, at: now)) == [#"1 authenticate(token: "t")"#])
        #expect(lines(call.handle(.outcome(1, session), at: now)) == ["admit 1"])
        #expect(
            lines(call.handle(.admitted(wait: nil), at: now)) == [#"2 find(name: "bea")"#])
        let found = ChatOutcome.user(UserID(rawValue: 2), name: "bea")
        #expect(
            lines(call.handle(.outcome(2, found), at: now))
                == [#"{"id":"7","find":{"user":"0000000000000002","name":"bea"}}"#])
    }

    @Test("pages are served too")
    func page() throws {
        var call = try machine(#"{"conversations":{}}"#)
        _ = call.handle(.start, at: now)
        _ = call.handle(.outcome(1, session), at: now)
        #expect(lines(call.handle(.admitted(wait: nil), at: now)).count == 1)
        #expect(
            lines(call.handle(.outcome(2, .conversations([], more: false)), at: now))
                == [#"{"conversations":{"more":false,"conversations":[]}}"#])
    }

    @Test("a wrong token is answered with the frame's id")
    func wrongToken() throws {
        var call = try machine(#"{"id":"7","find":{"name":"bea"}}"#)
        _ = call.handle(.start, at: now)
        let refusal = ChatOutcome.failure(ChatError(.unauthorized, "log in again"))
        #expect(
            lines(call.handle(.outcome(1, refusal), at: now)) == [
                #"{"id":"7","error":{"code":"unauthorized","status":401,"message":"log in again"}}"#
            ])
    }

    @Test("a user who asks too often is told when to ask again, and nothing is done")
    func tooMany() throws {
        var call = try machine(#"{"id":"7","find":{"name":"bea"}}"#)
        _ = call.handle(.start, at: now)
        _ = call.handle(.outcome(1, session), at: now)
        #expect(
            lines(call.handle(.admitted(wait: 1500), at: now)) == [
                #"{"id":"7","error":{"code":"too_many","status":429,"message":"slow down","#
                    + #""retryAfter":1500}}"#
            ])
    }

    @Test("a login needs no token and gives one")
    func login() throws {
        var call = try machine(#"{"login":{"name":"ann","password":"secret12"}}"#, token: nil)
        #expect(lines(call.handle(.start, at: now)).count == 1)
        let session = ChatOutcome.session(SessionScript.session(token: "new", expiresAt: 9))
        #expect(
            lines(call.handle(.outcome(1, session), at: now)).last?.contains(#""token":"new""#)
                == true)
    }

    @Test("a log-out ends the token's sockets as well")
    func logout() throws {
        var call = try machine(#"{"logout":{}}"#)
        _ = call.handle(.start, at: now)
        _ = call.handle(.outcome(1, session), at: now)
        #expect(
            lines(call.handle(.admitted(wait: nil), at: now)) == [#"2 logOut(token: "t")"#])
        #expect(
            lines(call.handle(.outcome(2, .done), at: now)) == ["revoke 1 t", #"{"logout":{}}"#])
    }
}
