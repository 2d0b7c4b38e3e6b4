import MartletServer
import MartletChat
import Testing

@Suite struct SessionSyncTests {
    @Test("a page of events carries the cursor behind it")
    func page() {
        var script = SessionScript.authenticated()
        _ = script.client(#"{"id":"1","sync":{"epoch":3,"seq":4,"limit":3}}"#)
        #expect(script.lastCall == .events(UserID(rawValue: 1), after: 4, limit: 3))
        let two = ConversationID(rawValue: 2)
        let events = [
            InboxEvent(seq: 5, kind: .message(SessionScript.message(1))),
            InboxEvent(seq: 6, kind: .delivered(two, upTo: 1)),
            InboxEvent(seq: 7, kind: .read(two, upTo: 1, by: .peer)),
        ]
        let end = InboxCursor(epoch: 3, seq: 7)
        #expect(
            script.reply(.events(events, end, limited: true)) == [
                #"{"id":"1","sync":{"epoch":3,"seq":7,"limited":true,"reset":false,"events":["#
                    + #"{"seq":5,"message":{"conversation":"0000000000000002","number":1,"#
                    + #""sender":"0000000000000002","sentAt":5,"text":"x"}},"#
                    + #"{"seq":6,"delivered":{"conversation":"0000000000000002","upTo":1}},"#
                    + #"{"seq":7,"read":{"conversation":"0000000000000002","upTo":1,"#
                    + #""by":"peer"}}]}}"#
            ])
    }

    @Test("a cursor of another epoch gets a reset with the newest cursor")
    func foreignEpoch() {
        var script = SessionScript.authenticated()
        _ = script.client(#"{"sync":{"epoch":2,"seq":4}}"#)
        #expect(script.lastCall == .latestCursor(UserID(rawValue: 1), cursorEpoch: 2))
        #expect(
            script.reply(.cursor(InboxCursor(epoch: 3, seq: 41))) == [
                #"{"sync":{"epoch":3,"seq":41,"limited":false,"reset":true,"events":[]}}"#
            ])
    }

    @Test("a cursor ahead of the inbox gets a reset")
    func ahead() {
        var script = SessionScript.authenticated()
        _ = script.client(#"{"sync":{"epoch":3,"seq":50}}"#)
        #expect(
            script.reply(.events([], InboxCursor(epoch: 3, seq: 41), limited: false)) == [
                #"{"sync":{"epoch":3,"seq":41,"limited":false,"reset":true,"events":[]}}"#
            ])
    }

    @Test("a page too large for one answer is cut, and says that there is more")
    func cut() {
        var script = SessionScript.authenticated()
        _ = script.client(#"{"sync":{"epoch":3,"seq":0}}"#)
        let text = String(repeating: "\"", count: 16_384)
        let events = (1...100).map {
            InboxEvent(seq: $0, kind: .message(SessionScript.message($0, text)))
        }
        let end = InboxCursor(epoch: 3, seq: 100)
        let lines = script.reply(.events(events, end, limited: false))
        #expect((lines.first?.utf8.count ?? .max) < 300_000)
        #expect(lines.first?.hasPrefix(#"{"sync":{"epoch":3,"seq":2,"limited":true,"#) == true)
    }

    @Test("pages are worked on one at a time, in order, and wait while the queue is full")
    func oneAtATime() {
        var script = SessionScript.authenticated()
        _ = script.handle(.writable(false))
        _ = script.client(#"{"id":"1","history":{"conversation":"0000000000000002","limit":1}}"#)
        _ = script.client(#"{"id":"2","conversations":{}}"#)
        #expect(script.calls.isEmpty)
        _ = script.handle(.writable(true))
        #expect(script.calls.count == 1)
        let lines = script.reply(.history([SessionScript.message(3)], more: true))
        #expect(lines.first?.hasPrefix(#"{"id":"1","history":{"#) == true)
        #expect(script.lastCall == .conversations(UserID(rawValue: 1), after: nil, limit: 50))
    }

    @Test("a history page that is cut keeps the end that was asked for")
    func historyCut() {
        let text = String(repeating: "x", count: 16_384)
        let messages = (1...40).map { SessionScript.message($0, text) }
        for (range, kept) in [(#""after":0"#, 1...15), (#""before":41"#, 26...40)] {
            var script = SessionScript.authenticated()
            _ = script.client(#"{"history":{"conversation":"0000000000000002",\#(range)}}"#)
            let line = script.reply(.history(messages, more: false)).first ?? ""
            #expect(line.contains(#""more":true"#))
            #expect(line.contains(#""number":\#(kept.lowerBound),"#))
            #expect(line.contains(#""number":\#(kept.upperBound),"#))
            #expect(!line.contains(#""number":20,"#))
        }
    }
}
