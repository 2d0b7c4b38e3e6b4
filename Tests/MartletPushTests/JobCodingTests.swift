import Testing

@testable import MartletPush

@Suite("A job's bytes")
struct JobCodingTests {
    @Test("come back as the job, and as nothing when cut or changed in form")
    func coding() {
        var job = PushJob(
            id: [1, 2], version: 7, service: "https://push.test", dueAt: 9, expiresAt: .max)
        job.attempts = 3
        job.isBare = true
        job.lastReason = "status 500"
        let bytes = job.encoded()
        #expect(PushJob(id: [1, 2], bytes) == job)
        for count in bytes.indices { #expect(PushJob(id: [], Array(bytes[..<count])) == nil) }
        #expect(PushJob(id: [], bytes + [0]) == nil)
        #expect(PushJob(id: [], [9] + bytes[1...]) == nil)
    }

    @Test("what is left of it, in whole seconds")
    func secondsLeft() {
        let job = PushJob(id: [], version: 1, service: "", dueAt: 0, expiresAt: 10_500_000)
        #expect(job.secondsLeft(now: 500_001) == 9)
        #expect(job.secondsLeft(now: 10_500_000) == 0 && job.secondsLeft(now: 99_000_000) == 0)
    }

    @Test("a topic tells nothing of the name and is the same each time")
    func topics() {
        let topic = PushTopic(of: [1, 2, 3], secret: [9])
        #expect(topic.description.utf8.count == 32 && PushTopic(topic.description) == topic)
        #expect(PushTopic(of: [1, 2, 3], secret: [9]) == topic)
        #expect(PushTopic(of: [1, 2, 3], secret: [8]) != topic)
        for text in ["", "a b", "ä", String(repeating: "a", count: 33)] {
            #expect(PushTopic(text) == nil)
        }
    }
}
