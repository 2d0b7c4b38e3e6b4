import Testing

@testable import MartletChat

@Suite("When a failed request is driven again") struct RedriveScheduleTests {
    private let ann = UserID(rawValue: 1)
    private let ben = UserID(rawValue: 2)

    private func turn(_ schedule: inout RedriveSchedule, _ now: UInt64 = 0) -> [UInt64] {
        schedule.turn(now: now, time: now).drive
    }

    @Test("a sender's go one at a time, in the order in which they came in; senders take turns")
    func order() {
        var schedule = RedriveSchedule()
        for id in [5, 3, 4] as [UInt64] { schedule.add(id, of: ann, failedAt: 0) }
        schedule.add(9, of: ben, failedAt: 0)
        #expect(turn(&schedule) == [3, 9])
        #expect(turn(&schedule) == [])
        schedule.finished(3, .stored, now: 0)
        #expect(turn(&schedule) == [4])
        schedule.finished(9, .stored, now: 0)
        schedule.finished(4, .stored, now: 0)
        #expect(turn(&schedule) == [5])
        schedule.finished(5, .stored, now: 0)
        #expect(schedule.waiting == 0)
    }

    @Test("no more than so many are under way")
    func bound() {
        var limits = RedriveSchedule.Limits()
        limits.underWayMax = 3
        var schedule = RedriveSchedule(limits: limits)
        for id in 1...10 as ClosedRange<UInt64> {
            schedule.add(id, of: UserID(rawValue: id), failedAt: 0)
        }
        #expect(turn(&schedule).count == 3)
        schedule.finished(1, .stored, now: 0)
        #expect(turn(&schedule).count == 1)
    }

    @Test("while the store fails one is sent to look, after pauses that double to a minute")
    func backoff() {
        var schedule = RedriveSchedule()
        for id in 1...4 as ClosedRange<UInt64> {
            schedule.add(id, of: UserID(rawValue: id), failedAt: 0)
        }
        schedule.storeFailed(now: 0)
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<9 {
            let (drive, wakeAt) = schedule.turn(now: now, time: 0)
            #expect(drive.isEmpty)
            pauses.append(((wakeAt ?? 0) - now) / 1_000_000)
            now = wakeAt ?? 0
            let probe = turn(&schedule, now)
            #expect(probe.count == 1)
            schedule.finished(probe.first ?? 0, .unavailable, now: now)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        let changes = [schedule.storeWrites(now: now), schedule.storeWrites(now: now)]
        #expect(changes == [true, false])
        #expect(turn(&schedule, now).count == 4)
    }

    @Test("one that its sender repeats waits for the repeat, and holds up the sender's others")
    func claims() {
        var schedule = RedriveSchedule()
        schedule.add(1, of: ann, failedAt: 0)
        schedule.add(2, of: ann, failedAt: 0)
        schedule.claim(1)
        schedule.claim(1)
        #expect(turn(&schedule) == [])
        schedule.release(1)
        #expect(turn(&schedule) == [])
        schedule.release(1)
        #expect(turn(&schedule) == [1])
        schedule.remove(1)
        #expect(turn(&schedule) == [2])
    }

    @Test("one that is refused or too old waits for an operator, and lets the others by")
    func held() {
        var limits = RedriveSchedule.Limits()
        limits.window = 100
        var schedule = RedriveSchedule(limits: limits)
        schedule.add(1, of: ann, failedAt: 0)
        schedule.add(2, of: ann, failedAt: 150)
        schedule.add(3, of: ann, failedAt: 150)
        #expect(turn(&schedule, 200) == [2])
        #expect(schedule.phase(of: 1) == .expired)
        #expect(schedule.isExpired(1, time: 200))
        schedule.finished(2, .refused, now: 200)
        #expect(schedule.phase(of: 2) == .refused)
        #expect(turn(&schedule, 200) == [3])
        schedule.finished(3, .stored, now: 200)
        #expect(turn(&schedule, 200) == [])
        schedule.force(2)
        schedule.force(1)
        #expect(turn(&schedule, 200) == [1], "in the order in which they came in")
        schedule.finished(1, .stored, now: 200)
        #expect(turn(&schedule, 200) == [2])
        // A clock that steps back makes nothing old.
        schedule.add(7, of: ben, failedAt: 500)
        #expect(turn(&schedule, 210) == [7])
    }

    @Test("an operator's wish ends a pause")
    func forced() {
        var schedule = RedriveSchedule()
        schedule.add(1, of: ann, failedAt: 0)
        schedule.storeFailed(now: 0)
        #expect(turn(&schedule) == [])
        schedule.force(1)
        #expect(turn(&schedule) == [1])
    }
}
