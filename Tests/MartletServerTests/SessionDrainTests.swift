import MartletServer
import MartletChat
import Testing

@Suite struct SessionDrainTests {
    @Test("an idle socket is closed at once when the server stops")
    func idle() {
        var script = SessionScript.authenticated()
        #expect(script.handle(.drain) == ["detach", "close 3001"])
    }

    @Test("open sends are answered before the socket closes, new requests are refused")
    func openSend() {
        var script = SessionScript.authenticated()
        let send =
            #"{"send":{"conversation":"0000000000000002","clientMessageID":"c","text":"hi"}}"#
        _ = script.client(send)
        #expect(script.handle(.drain).isEmpty)
        #expect(script.client(send).first?.contains(#""code":"unavailable""#) == true)
        let lines = script.reply(.failure(ChatError(.notFound, "no such user")))
        #expect(lines.count == 3)
        #expect(lines.last == "close 3001")
    }
}
