import MartletSimulation
import Testing

@testable import martlet_probe

/// What `tools/chaos` holds promotions and servers to, on histories that are planted.
@Suite("Who may be told to begin afresh") struct CursorRecordTests {
    private let kept = CursorRecord.Word(
        "promoted to epoch 3, behind sequence 9\nclients keep their cursors, of epoch 2\n")
    private let voided = CursorRecord.Word(
        "promoted to epoch 3, behind sequence 9\nclients begin afresh, in epoch 3\n")

    /// The history of these notes and of devices that are told to begin afresh, by their epochs.
    private func record(_ events: [Event]) -> CursorRecord {
        let device = DeviceKey(1, 0)
        var history: [Observation] = []
        for event in events {
            switch event {
            case .note(let text): history.append(.note(text))
            case .afresh(let epoch):
                history.append(.pageAsked(device, after: SeenCursor(epoch: epoch, seq: 5)))
                var page = SeenPage([], cursor: SeenCursor(epoch: 99, seq: 0))
                page.isReset = true
                history.append(.pageAnswered(device, asked: history.count - 1, page))
            }
        }
        return CursorRecord(history)
    }

    private enum Event {
        case note(String)
        case afresh(UInt64)
    }

    private func promoted(_ word: CursorRecord.Word?) throws -> [Event] {
        [.note(CursorRecord.asked), .note(CursorRecord.hold(try #require(word)))]
    }

    @Test("what a promotion prints is understood, and nothing else is")
    func words() throws {
        #expect(kept?.isKept == true && kept?.epoch == 2)
        #expect(voided?.isKept == false && voided?.epoch == 3)
        #expect(CursorRecord.Word("promoted to epoch 3, behind sequence 9\n") == nil)
        #expect(CursorRecord.Word("not promoted\n") == nil)
    }

    @Test("before a promotion nobody, but one that has no cursor yet")
    func before() {
        #expect(record([.afresh(2)]).complaints == ["no failover": 1])
        #expect(record([.afresh(0)]).complaints.isEmpty)
    }

    @Test("after one that keeps cursors those whose epoch it names not, others do")
    func keeps() throws {
        let found = record(
            [.note("failover 1 killed, one leads")] + (try promoted(kept))
                + [.afresh(2), .afresh(1), .afresh(1)])
        #expect(found.complaints == ["failover 1 killed, one leads": 1])
        #expect(found.truthful == ["failover 1 killed, one leads": 2])
    }

    @Test("after one that voids them those that had another epoch, and nobody again")
    func voids() throws {
        let found = record(try promoted(voided) + [.afresh(2), .afresh(3)])
        #expect(found.complaints == ["no failover": 1])
        #expect(found.truthful == ["no failover": 1])
    }

    @Test("one that is told so before the command has ended is judged by what it says in the end")
    func meanwhile() throws {
        let word = try #require(voided)
        let early = record(
            [.note(CursorRecord.asked), .afresh(2), .note(CursorRecord.hold(word))])
        #expect(early.complaints.isEmpty && early.truthful.count == 1)
        let none = record([.note(CursorRecord.asked), .afresh(2), .note(CursorRecord.refused)])
        #expect(none.complaints.count == 1)
        #expect(record([.note(CursorRecord.asked), .afresh(2)]).complaints.count == 1)
    }

    @Test("where nobody heard what holds nobody is judged, until the next promotion")
    func unheard() throws {
        let quiet: [Event] = [.note(CursorRecord.asked), .note(CursorRecord.unheard), .afresh(2)]
        #expect(record(quiet).complaints.isEmpty)
        let later = record(quiet + (try promoted(kept)) + [.afresh(2)])
        #expect(later.complaints.count == 1)
    }
}
