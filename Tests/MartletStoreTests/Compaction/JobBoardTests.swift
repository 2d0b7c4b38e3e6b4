import Testing

@testable import MartletStore

@Suite("The board of compaction jobs") struct JobBoardTests {
    @Test("two daemons share a plan, and the lane commits it as one")
    func shared() {
        var story = JobBoardScript(daemons: 2, ("", "m"), ("m", ""))
        let first = story.claim(1)
        let second = story.claim(2)
        story.claim(1)
        story.next()
        story.at(1)
        story.finish(1, first, 11, "a", "f")
        story.finish(1, first, 12, "g", "m")
        story.written(1, first)
        story.next()
        story.accept(1)
        story.finish(2, second, 21, "n", "")
        story.written(2, second)
        story.next()
        story.accept(2)
        story.next()
        story.end()
        #expect(
            story.lines == [
                "0s 1 comes: no jobs",
                "0s 2 comes: no jobs",
                "0s submitted: 1=submitted+0 2=submitted+0",
                "0s 1 claims 1 from '': 1=claimed@1+0 2=submitted+0",
                "0s 2 claims 2 from 'm': 1=claimed@1+0 2=claimed@2+0",
                "0s 1 claims nothing: 1=claimed@1+0 2=claimed@2+0",
                "0s lane waits 10000 ms: 1=claimed@1+0 2=claimed@2+0",
                "1s table 11 of 1, rest 'f': 1=running@1+1 2=claimed@2+0",
                "1s table 12 of 1, rest 'm': 1=running@1+2 2=claimed@2+0",
                "1s 1 is written: 1=written+2 2=claimed@2+0",
                "1s lane checks 1: 1=written+2 2=claimed@2+0",
                "1s 1 is sound: 1=checked+2 2=claimed@2+0",
                "1s table 21 of 2, rest '': 1=checked+2 2=running@2+1",
                "1s 2 is written: 1=checked+2 2=written+1",
                "1s lane checks 2: 1=checked+2 2=written+1",
                "1s 2 is sound: 1=checked+2 2=checked+1",
                "1s lane commits: 1=checked+2 2=checked+1",
                "1s committed: no jobs",
            ])
    }

    @Test("a silent claimant loses its job, and the next goes on behind its last table")
    func silence() {
        var story = JobBoardScript(("", ""))
        let lost = story.claim(1)
        story.finish(1, lost, 11, "a", "f")
        story.at(9)
        story.next()
        story.at(11)
        story.next()
        story.attach(2)
        let token = story.claim(2)
        story.finish(1, lost, 12, "g", "k")
        story.finish(1, token, 12, "g", "")
        #expect(
            story.lines == [
                "0s 1 comes: no jobs",
                "0s submitted: 1=submitted+0",
                "0s 1 claims 1 from '': 1=claimed@1+0",
                "0s table 11 of 1, rest 'f': 1=running@1+1",
                "9s lane waits 1000 ms: 1=running@1+1",
                "11s lane waits 2000 ms: 1=submitted+1",
                "11s 2 comes: 1=submitted+1",
                "11s 2 claims 1 from 'f': 1=claimed@2+1",
                "11s table 12 of 1, rest 'k', refused: staleClaim: 1=claimed@2+1",
                "11s table 12 of 1, rest '': 1=running@2+2",
            ])
    }

    @Test("a heart that beats while nothing moves does not keep a claim for ever")
    func standstill() {
        var story = JobBoardScript(("", ""))
        let token = story.claim(1)
        for second in stride(from: UInt64(5), through: 60, by: 5) {
            story.at(second)
            story.beat(1, token)
        }
        story.at(64)
        story.next()
        story.at(66)
        story.next()
        #expect(
            story.lines.suffix(2) == [
                "64s lane waits 1000 ms: 1=running@1+0",
                "66s lane waits 2000 ms: 1=submitted+0",
            ])
    }

    @Test("what nobody claims, and what failed, the server runs itself")
    func own() {
        var story = JobBoardScript(("", "m"), ("m", ""))
        story.next()
        let token = story.claim(1)
        story.at(3)
        story.next()
        story.fail(1, token)
        story.next()
        story.finishOwn(1)
        story.at(5)
        story.next()
        #expect(
            story.lines.suffix(7) == [
                "0s lane waits 2000 ms: 1=submitted+0 2=submitted+0",
                "0s 1 claims 1 from '': 1=claimed@1+0 2=submitted+0",
                "3s lane waits 7000 ms: 1=claimed@1+0 2=submitted+0",
                "3s 1 has failed: 1=submitted!+0 2=submitted+0",
                "3s lane runs 1 itself: 1=running@0!+0 2=submitted+0",
                "3s lane has run 1: 1=checked!+0 2=submitted+0",
                "5s lane runs 2 itself: 1=checked!+0 2=running@0!+0",
            ])
    }

    @Test("who wrote what is wrong gets no job any more, and the server begins anew")
    func refused() {
        var story = JobBoardScript(("", ""))
        let token = story.claim(1)
        story.finish(1, token, 11, "a", "")
        story.written(1, token)
        story.next()
        story.refuse(1, daemon: 1)
        story.claim(1)
        story.next()
        #expect(
            story.lines.suffix(4) == [
                "0s lane checks 1: 1=written+1",
                "0s 1 is refused: 1=submitted!+0",
                "0s 1 claims nothing: 1=submitted!+0",
                "0s lane runs 1 itself: 1=running@0!+0",
            ])
    }

    @Test("tables out of turn, outside of the job's rows, or with a number of nobody are refused")
    func wrongTables() {
        var story = JobBoardScript(("c", "m"))
        let token = story.claim(1)
        story.finish(1, token, 12, "d", "f")
        story.finish(1, token, 11, "a", "f")
        story.finish(1, token, 11, "d", "c")
        story.finish(1, token, 11, "d", "z")
        story.finish(1, token, 11, "g", "f")
        story.finish(9, token, 11, "d", "f")
        story.release(1, token + 1)
        story.finish(1, token, 11, "d", "f")
        story.finish(1, token, 12, "f", "h")
        story.finish(1, token, 13, "h", "k")
        story.finish(1, token, 13, "h", "m")
        #expect(
            story.lines.suffix(11).map { line in
                line.contains("refused")
                    ? line.split(separator: " ").last { $0.hasSuffix(":") } ?? "" : "taken"
            } == [
                "wrongTable:", "wrongTable:", "wrongTable:", "wrongTable:", "wrongTable:",
                "unknownJob:", "staleClaim:", "taken", "taken", "wrongTable:", "taken",
            ])
    }
}
