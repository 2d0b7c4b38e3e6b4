import MartletChat
import MartletServer
import Testing

@Suite struct SessionDeadlineTests {
    @Test("a socket that does not authenticate within 10 seconds is closed as stale, never earlier")
    func stale() {
        // It was opened somewhere in second 0.
        var script = SessionScript()
        script.second = 10
        #expect(script.handle(.tick).isEmpty)
        script.second = 11
        #expect(script.handle(.tick) == ["close 3500"])
    }

    @Test("the clock stands still while a login is worked on")
    func paused() {
        var script = SessionScript()
        _ = script.client(#"{"hi":{"version":1,"agent":"a"}}"#)
        script.second = 8
        _ = script.client(#"{"login":{"name":"ann","password":"secret12"}}"#)
        script.second = 60
        #expect(script.handle(.tick).isEmpty)
        #expect(script.reply(.failure(.init(.unauthorized, "no"))).count == 1)
        script.second = 62
        #expect(script.handle(.tick).isEmpty)
        script.second = 63
        #expect(script.handle(.tick) == ["close 3500"])
    }

    @Test("an expired token stops pushes, and the socket can authenticate again")
    func expiry() {
        var script = SessionScript.authenticated(expiresAt: 2_000_000)
        script.wall = 2_000_000
        script.second = 100
        #expect(
            script.client(#"{"id":"1","find":{"name":"x"}}"#) == [
                "detach", #"{"id":"1","# + unauthorizedText + "}",
            ])
        _ = script.client(#"{"id":"2","auth":{"token":"u"}}"#)
        #expect(
            script.reply(.session(SessionScript.session(expiresAt: 9_000_000))).first
                == "attach 0000000000000001")
        script.second = 200
        #expect(script.handle(.tick).isEmpty)
    }

    @Test("an expired token leaves 10 seconds")
    func expiredAndStale() {
        var script = SessionScript.authenticated(expiresAt: 2_000_000)
        script.wall = 3_000_000
        script.second = 50
        #expect(script.handle(.tick) == ["detach"])
        script.second = 60
        #expect(script.handle(.tick).isEmpty)
        script.second = 61
        #expect(script.handle(.tick) == ["close 3500"])
    }
}
