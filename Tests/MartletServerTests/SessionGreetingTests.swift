import MartletChat
import MartletServer
import Testing

@Suite struct SessionGreetingTests {
    @Test("hi without a token is answered with the limits")
    func plainHi() {
        var script = SessionScript()
        #expect(
            script.client(#"{"id":"1","hi":{"version":1,"agent":"a"}}"#)
                == [#"{"id":"1","# + hiAnswer + "}}"])
        #expect(script.client(#"{"id":"2","ping":{}}"#) == [#"{"id":"2","ping":{}}"#])
    }

    @Test("anything before hi is refused and the socket stays open")
    func hiFirst() {
        var script = SessionScript()
        #expect(
            script.client(#"{"id":"1","ping":{}}"#) == [
                #"{"id":"1","error":{"code":"bad_request","status":400,"#
                    + #""message":"hi must come first"}}"#
            ])
        #expect(script.client(#"{"hi":{"version":1,"agent":"a"}}"#) == ["{" + hiAnswer + "}}"])
    }

    @Test("a version that is not spoken closes with 3501")
    func version() {
        var script = SessionScript()
        let lines = script.client(#"{"hi":{"version":2,"agent":"a"}}"#)
        #expect(lines.count == 2)
        #expect(lines.last == "close 3501")
        #expect(script.client(#"{"hi":{"version":1,"agent":"a"}}"#).isEmpty)
    }

    @Test("hi with a token authenticates, and what was sent behind it waits for that")
    func token() {
        var script = SessionScript()
        #expect(
            script.client(#"{"id":"1","hi":{"version":1,"agent":"a","token":"t"}}"#).isEmpty)
        #expect(script.client(#"{"id":"2","sync":{"epoch":3,"seq":7}}"#).isEmpty)
        #expect(script.calls.count == 1)
        #expect(
            script.reply(.session(SessionScript.session(expiresAt: 2_000_000))) == [
                "attach 0000000000000001",
                #"{"id":"1","# + hiAnswer
                    + #","session":{"user":"0000000000000001","name":"ann","expiresAt":2000000}}}"#,
            ])
        #expect(script.lastCall == .events(.init(rawValue: 1), after: 7, limit: 100))
    }

    @Test("hi with a token that is not accepted is done, and login works behind it")
    func badToken() {
        var script = SessionScript()
        _ = script.client(#"{"id":"1","hi":{"version":1,"agent":"a","token":"t"}}"#)
        #expect(
            script.reply(.failure(.init(.unauthorized, "log in again"))) == [
                #"{"id":"1","# + hiAnswer
                    + #","error":{"code":"unauthorized","status":401,"message":"log in again"}}}"#
            ])
        #expect(
            script.client(#"{"id":"2","find":{"name":"x"}}"#) == [
                #"{"id":"2","# + unauthorizedText + "}"
            ])
        _ = script.client(#"{"id":"3","login":{"name":"ann","password":"secret12"}}"#)
        #expect(
            script.reply(.session(SessionScript.session(token: "n", expiresAt: 9_000_000))) == [
                "attach 0000000000000001",
                #"{"id":"3","login":{"user":"0000000000000001","name":"ann","token":"n","#
                    + #""expiresAt":9000000}}"#,
            ])
    }
}
