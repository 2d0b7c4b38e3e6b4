import MartletServer
import MartletChat
import Testing

@Suite struct SessionSendTests {
    private let send =
        #"{"id":"6","send":{"conversation":"0000000000000002","clientMessageID":"c","text":"hi"}}"#

    @Test("a send is answered once it is stored, a repeat says so")
    func sendAndRepeat() {
        var script = SessionScript.authenticated()
        for (isDuplicate, word) in [(false, "false"), (true, "true")] {
            #expect(script.client(send).isEmpty)
            #expect(
                script.lastCall
                    == .send(
                        UserID(rawValue: 1), to: ConversationID(rawValue: 2),
                        clientMessageID: "c", text: "hi", replyTo: nil))
            let receipt = SendReceipt(
                conversation: ConversationID(rawValue: 2), number: 4, seq: 9, sentAt: 77,
                isDuplicate: isDuplicate)
            #expect(
                script.reply(.receipt(receipt)) == [
                    #"{"id":"6","send":{"conversation":"0000000000000002","clientMessageID":"c","#
                        + #""number":4,"seq":9,"sentAt":77,"duplicate":\#(word)}}"#
                ])
        }
    }

    @Test("a send that may be repeated later says when")
    func retryAfter() {
        var script = SessionScript.authenticated()
        _ = script.client(send)
        let error = ChatError(.unavailable, "full", retryAfterMilliseconds: 1500)
        #expect(
            script.reply(.failure(error)) == [
                #"{"id":"6","error":{"code":"unavailable","status":503,"message":"full","#
                    + #""retryAfter":1500}}"#
            ])
    }

    @Test("a message to an unknown user is not found, and the next frame is served")
    func unknownUser() {
        var script = SessionScript.authenticated()
        _ = script.client(send)
        #expect(
            script.reply(.failure(ChatError(.notFound, "no such user"))) == [
                #"{"id":"6","error":{"code":"not_found","status":404,"message":"no such user"}}"#
            ])
        #expect(script.client(#"{"ping":{}}"#) == [#"{"ping":{}}"#])
    }

    @Test("more than 32 open requests are refused, and one more fits once one is answered")
    func openRequests() {
        var script = SessionScript.authenticated()
        for _ in 0..<32 { #expect(script.client(send).isEmpty) }
        #expect(script.client(send).first?.contains(#""code":"too_many""#) == true)
        _ = script.reply(.failure(ChatError(.notFound, "")))
        #expect(script.client(send).isEmpty)
    }

    @Test("cursors are answered with where they stand")
    func cursors() {
        var script = SessionScript.authenticated()
        _ = script.client(#"{"read":{"conversation":"0000000000000002","upTo":9}}"#)
        #expect(
            script.reply(.moved(7)) == [
                #"{"read":{"conversation":"0000000000000002","upTo":7}}"#
            ])
        _ = script.client(#"{"delivered":{"conversation":"0000000000000002","upTo":9}}"#)
        #expect(
            script.reply(.moved(9)) == [
                #"{"delivered":{"conversation":"0000000000000002","upTo":9}}"#
            ])
    }
}
