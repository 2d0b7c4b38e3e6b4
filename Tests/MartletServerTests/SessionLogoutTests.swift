import MartletChat
import MartletServer
import Testing

@Suite struct SessionLogoutTests {
    @Test("logout revokes the token everywhere and leaves the socket open")
    func logout() {
        var script = SessionScript.authenticated()
        #expect(script.client(#"{"id":"1","logout":{}}"#).isEmpty)
        #expect(script.lastCall == .logOut(token: "t"))
        #expect(
            script.reply(.done) == [
                "detach", "revoke 0000000000000001 t", #"{"id":"1","logout":{}}"#,
            ])
        #expect(
            script.client(#"{"id":"2","find":{"name":"x"}}"#) == [
                #"{"id":"2","# + unauthorizedText + "}"
            ])
    }

    @Test("a token logged out by another socket closes this one with 3502")
    func revoked() {
        var script = SessionScript.authenticated()
        #expect(script.handle(.revoked) == ["detach", "close 3502"])
    }

    @Test("a second user on one socket is refused")
    func secondUser() {
        var script = SessionScript.authenticated()
        let refusal =
            #"{"error":{"code":"bad_request","status":400,"message":"log out first"}}"#
        #expect(script.client(#"{"login":{"name":"bea","password":"secret12"}}"#) == [refusal])
        _ = script.client(#"{"auth":{"token":"of another"}}"#)
        #expect(
            script.reply(.session(SessionScript.session(2, expiresAt: 9_000_000))) == [refusal])
    }
}
