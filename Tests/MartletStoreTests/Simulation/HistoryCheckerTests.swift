import MartletSimulation
import Testing

/// One broken promise in each test, planted in a history that is sound without it.
@Suite("The history checker finds")
struct HistoryCheckerTests {
    private typealias Tale = Story

    @Test("nothing in a sound history with cuts, repeats and receipts")
    func sound() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.ask("b")
        story.ask("b")
        story.answer("b", 2, seq: 2, isRepeat: true)
        story.push(.message(Tale.message(1, "a")), seq: 1, connection: 5)
        story.push(.message(Tale.message(2, "b")), seq: 2, connection: 5)
        story.page([.message(Tale.message(1, "a")), .message(Tale.message(2, "b"))])
        story.send("c", 3, seq: 3, by: Tale.beas)
        story.move(.read, to: 9, standsAt: 3)
        story.move(.read, to: 1, standsAt: 3)
        story.push(.peer(.read, Tale.talk, upTo: 3), seq: 4, to: Tale.anns)
        story.read([Tale.message(2, "b"), Tale.message(3, "c", by: Tale.bea)], hasMore: true)
        story.read([Tale.message(1, "a")], .before(2))
        story.read([], .after(3))
        var summary = SeenSummary(Tale.talk, last: 3, read: 3)
        summary.lastMessage = Tale.message(3, "c", by: Tale.bea)
        story.list([summary])
        #expect(story.report.isSound, "\(story.report)")
        #expect(story.report.acknowledged == 3)
        #expect(story.report.repeated == 1)
    }

    @Test("an acknowledged message that nobody finds again")
    func lost() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.send("b", 2, seq: 2)
        story.read([Tale.message(1, "a")])
        #expect(story.kinds == [.lost])
    }

    @Test("an event that nobody finds again")
    func lostEvent() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.page([], of: Tale.anns)
        #expect(story.kinds == [.lost])
    }

    @Test("a page that does not hold what was acknowledged before")
    func stale() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.read([])
        story.read([Tale.message(1, "a")])
        #expect(story.kinds == [.stale])
    }

    @Test("a list of conversations without one that has a message")
    func staleList() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.list([])
        story.read([Tale.message(1, "a")])
        #expect(story.kinds == [.stale])
    }

    @Test("a revision that was replaced before")
    func staleRevision() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.history.record(
            .changeAnswered(Tale.anns, Tale.talk, number: 1, revision: 1))
        story.read([Tale.message(1, "a")])
        #expect(story.kinds == [.stale])
    }

    @Test("one send under two numbers")
    func doubled() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.read([Tale.message(1, "a"), Tale.message(2, "a")])
        #expect(story.kinds == [.doubled])
    }

    @Test("one message in two events of an inbox")
    func doubledEvent() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.page([.message(Tale.message(1, "a")), .message(Tale.message(1, "a"))])
        #expect(story.kinds == [.doubled])
    }

    @Test("two sides that see different messages at one number")
    func disagreement() {
        let story = Story()
        story.ask("a")
        story.ask("b")
        story.read([Tale.message(1, "a")], by: Tale.anns)
        story.read([Tale.message(1, "b")])
        #expect(story.kinds == [.disagreement])
    }

    @Test("two devices of one user that see different events at one seq")
    func disagreementOnEvents() {
        let story = Story()
        story.ask("a")
        story.ask("b")
        story.push(.message(Tale.message(1, "a")), seq: 1)
        story.push(.message(Tale.message(2, "b")), seq: 1, to: DeviceKey(Tale.bea, 1))
        #expect(story.kinds == [.disagreement])
    }

    @Test("a message numbered before one that was stored when it was sent")
    func reordered() {
        let story = Story()
        story.ask("a")
        story.answer("a", 2, seq: 1)
        story.send("b", 1, seq: 2)
        #expect(story.kinds.contains(.reordered))
    }

    @Test("an inbox in another order than the conversation")
    func reorderedInbox() {
        let story = Story()
        story.ask("a")
        story.ask("b")
        story.page([.message(Tale.message(2, "b")), .message(Tale.message(1, "a"))])
        #expect(story.kinds.contains(.reordered))
    }

    @Test("a number left out of a page, and of an inbox")
    func gap() {
        var story = Story()
        for content in ["a", "b", "c"] { story.ask(content) }
        story.read([Tale.message(1, "a"), Tale.message(3, "c")])
        #expect(story.kinds == [.gap])
        story = Story()
        for content in ["a", "b", "c"] { story.ask(content) }
        story.page([.message(Tale.message(1, "a")), .message(Tale.message(3, "c"))])
        #expect(story.kinds == [.gap])
    }

    @Test("a page whose events do not follow its cursor")
    func gapInSeqs() {
        let story = Story()
        story.ask("a")
        story.page([.message(Tale.message(1, "a"))]) {
            $0.events[0].seq = 2
            $0.cursor.seq = 2
        }
        #expect(story.kinds.contains(.gap))
    }

    @Test("an event that a connection left out")
    func gapOnConnection() {
        let story = Story()
        for content in ["a", "b", "c"] { story.ask(content) }
        story.push(.message(Tale.message(1, "a")), seq: 1, connection: 7)
        story.push(.message(Tale.message(3, "c")), seq: 3, connection: 7)
        #expect(story.kinds == [.gap])
    }

    @Test("a device's cursor that goes back, or leaves something out")
    func cursor() {
        let story = Story()
        for content in ["a", "b", "c"] { story.ask(content) }
        for (seq, content) in [(1, "a"), (3, "c"), (2, "b")] as [(UInt64, String)] {
            let event = SeenEvent(seq: seq, .message(Tale.message(seq, content)))
            story.history.record(.applied(Tale.beas, epoch: 1, event))
        }
        #expect(story.kinds == [.gap, .wentBack])
    }

    @Test("a receipt that goes back")
    func receiptWentBack() {
        var story = Story()
        story.send("a", 1, seq: 1)
        story.send("b", 2, seq: 2)
        story.move(.read, to: 2, standsAt: 2)
        story.move(.delivered, to: 1, standsAt: 1)
        #expect(story.kinds == [.wentBack])
        story = Story()
        story.send("a", 1, seq: 1)
        story.send("b", 2, seq: 2)
        story.move(.read, to: 2, standsAt: 2)
        story.push(.peer(.read, Tale.talk, upTo: 2), seq: 3, to: Tale.anns)
        story.push(.peer(.read, Tale.talk, upTo: 1), seq: 4, to: Tale.anns)
        #expect(story.kinds == [.wentBack])
    }

    @Test("a repeat that gets other numbers, and one that was new twice")
    func repeatDiffers() {
        var story = Story()
        story.send("a", 1, seq: 1)
        story.ask("a")
        story.answer("a", 2, seq: 2, isRepeat: true)
        #expect(story.kinds.contains(.repeatDiffers))
        story = Story()
        story.send("a", 1, seq: 1)
        story.send("a", 1, seq: 1)
        #expect(story.kinds == [.repeatDiffers])
    }

    @Test("a conversation in the eyes of a stranger")
    func foreign() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.push(.message(Tale.message(1, "a")), seq: 1, to: Tale.cids)
        #expect(story.kinds == [.foreign])
    }

    @Test("a group's message outside of the time of a membership")
    func foreignInGroup() {
        var story = Story()
        story.memberships[Tale.group] = [
            MembershipInterval(user: Tale.ann, first: 1),
            MembershipInterval(user: Tale.bea, first: 2, last: 3),
        ]
        for number: UInt64 in 1...4 {
            story.ask("m\(number)", in: Tale.group)
            story.answer("m\(number)", number, seq: number, in: Tale.group)
        }
        func messages(_ numbers: ClosedRange<UInt64>) -> [SeenMessage] {
            numbers.map { Tale.message($0, "m\($0)", in: Tale.group) }
        }
        story.read(messages(1...4), by: Tale.anns, in: Tale.group)
        story.read(messages(2...3), in: Tale.group)
        #expect(story.report.isSound, "\(story.report)")
        story.read(messages(2...4), in: Tale.group)
        story.read(messages(1...3), in: Tale.group)
        #expect(Set(story.kinds) == [.foreign, .gap])
        #expect(story.kinds.count { $0 == .foreign } == 2)
    }

    @Test("a message that nobody sent, and a receipt that nobody gave")
    func invented() {
        var story = Story()
        story.read([Tale.message(1, "a")])
        #expect(story.kinds == [.invented])
        story = Story()
        story.send("a", 1, seq: 1)
        story.push(.peer(.read, Tale.talk, upTo: 1), seq: 2, to: Tale.anns)
        #expect(story.kinds == [.invented])
    }

    @Test("a cursor beyond the last message")
    func beyond() {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.move(.read, to: 5, standsAt: 5)
        #expect(story.kinds == [.invented])
    }

    @Test("a send that was refused and is there all the same")
    func refusedButStored() {
        let story = Story()
        story.ask("a")
        story.history.record(.sendRefused(Tale.send("a")))
        story.read([Tale.message(1, "a")])
        #expect(story.kinds == [.refusedButStored])
    }

    @Test("a reset within an epoch")
    func badReset() {
        let story = Story()
        story.page([], after: 4) {
            $0.isReset = true
            $0.cursor.seq = 4
        }
        #expect(story.kinds == [.badReset])
    }

    @Test("and says what it found with the observations that show it")
    func words() throws {
        let story = Story()
        story.send("a", 1, seq: 1)
        story.read([])
        let violation = try #require(story.report.violations.first)
        #expect(
            violation.description == """
                lost: the page ends before no. 1
                    #1 1/0 is told that id-a 'a' to 1~2 is no. 1 at 1:1
                    #2 2/0 asks for 1~2 newest
                    #3 2/0 gets for #2 []
                """)
    }
}
