import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("A send that the store cannot take") struct FailedSendTests {
    @Test("is kept while the disk is full, and stored when there is room; once, repeated or not")
    func fullDisk() throws {
        let world = try FailedWorld()
        let (stored, failed) = try world.fillDisk()
        let error = world.failure("second")
        #expect(error?.code == .unavailable)
        #expect(error?.isKept == true)
        #expect(world.failure(failed)?.isKept == true, "a repeat is kept as well")
        #expect(world.failed.map(\.clientMessageID) == [failed, "second"])
        #expect(world.failed.allSatisfy { $0.state == .waiting && $0.user == world.ann })
        #expect(try world.texts() == stored)
        #expect(world.chat.failedStatistics.kept == 2)

        world.disk.capacity = nil
        try world.send("from ben", from: world.ben, to: world.ann)
        #expect(world.failed.isEmpty)
        #expect(try Set(world.texts()) == Set(stored + [failed, "second", "from ben"]))
        #expect(
            try world.texts().filter { [failed, "second"].contains($0) } == [failed, "second"])
        #expect(try world.send("second").isDuplicate)
        #expect(world.chat.failedStatistics.redriven == 2)
        #expect(world.chat.failedStatistics.bytes == 0)
        try world.verify()
    }

    @Test("is stored after a restart when the log's sync has failed, though the batch may be there")
    func poisoned() throws {
        for cut in [nil] + CrashMode.allCases.map(Optional.some) {
            let world = try FailedWorld()
            #expect(try world.poison("first")?.isKept == true)
            #expect(world.failure("second")?.isKept == true)
            #expect(world.failure("first")?.isKept == true)
            #expect(try world.texts() == ["before first"])
            if let cut { try world.crash(cut) } else { try world.restart() }
            #expect(
                try world.texts() == ["before first", "first", "second"],
                "\(String(describing: cut))")
            #expect(world.failed.isEmpty)
            #expect(try world.send("first").isDuplicate)
            #expect(try world.send("second").isDuplicate)
            try world.verify()
        }
    }

    @Test("is stored once, whichever of its repeat and its second drive is first")
    func race() throws {
        for seed: UInt64 in 0..<60 {
            let world = try FailedWorld(seed: seed)
            #expect(try world.poison("first")?.isKept == true)
            #expect(world.failure("second")?.isKept == true)
            world.simulation.crash(seed: seed)
            try world.openAlone()
            let failure = KeptResult<Bool>()
            var random = SeededGenerator(seed: seed)
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                _ = world.simulation.executor.runOne()
            }
            for text in ["second", "first"] {
                world.chat.send(
                    from: world.ann, to: ConversationID(with: world.ben), text: text,
                    clientMessageID: text
                ) { result in
                    if (try? result.get()) == nil { failure.set(.success(true)) }
                }
            }
            world.simulation.executor.runAll()
            #expect(
                try world.texts().sorted() == ["before first", "first", "second"], "seed \(seed)")
            #expect(world.failed.isEmpty, "seed \(seed)")
            #expect((try? failure.get()) == nil, "seed \(seed): a repeat failed")
            try world.verify()
        }
    }

    @Test("goes in the order in which its sender's came in")
    func order() throws {
        let world = try FailedWorld { $0.failedJournalBytes = 128 << 10 }
        #expect(try world.poison("0")?.isKept == true)
        for number in 1..<20 {
            #expect(world.failure("\(number)")?.isKept == true)
            #expect(
                world.failure("ben \(number)", from: world.ben, to: world.ann)?.isKept == true)
        }
        try world.crash()
        let texts = try world.texts()
        #expect(texts.filter { Int($0) != nil } == (0..<20).map { "\($0)" })
        #expect(
            texts.filter { $0.hasPrefix("ben") } == (1..<20).map { "ben \($0)" })
        try world.verify()
    }

    @Test("waits for an operator if its receiver has blocked the sender, or an account has gone")
    func refused() throws {
        let world = try FailedWorld()
        let (cid, dan) = (try world.register("cid"), try world.register("dan"))
        let (_, failed) = try world.fillDisk()
        #expect(world.failure("from cid", from: cid)?.isKept == true)
        #expect(world.failure("from dan", from: dan)?.isKept == true)
        world.chat.failed?.stopDriving()
        world.disk.capacity = nil
        try world.relate(.block)
        try world.result { [chat = world.chat] in chat.deleteUser(cid, completion: $0) }
        try world.result { [chat = world.chat] in
            chat.setDisabled(user: dan, disabled: true, completion: $0)
        }
        try world.restart()
        #expect(world.failed.map(\.state) == [.refused, .refused, .refused])
        #expect(
            world.failed.map { $0.reason.split(separator: ":").first } == [
                "forbidden", "unauthorized", "unauthorized",
            ])
        #expect(world.chat.failedStatistics.held == 3)
        try world.restart()
        #expect(world.failed.map(\.state) == [.refused, .refused, .refused])

        try world.relate(.unblock)
        #expect(world.failed.count == 3, "nothing is driven without an operator")
        let id = try #require(world.failed.first?.id)
        let counts = try world.result { [chat = world.chat] in
            chat.retryFailed(id, completion: $0)
        }
        #expect(counts.stored == 1)
        #expect(try world.texts().last == failed)
        let rest = try world.result { [chat = world.chat] in chat.retryFailed(completion: $0) }
        #expect(rest.refused == 2 && rest.stored == 0)
        for request in world.failed {
            try world.result { [chat = world.chat] in
                chat.dropFailed(request.id, completion: $0)
            }
        }
        #expect(world.failed.isEmpty)
        try world.restart()
        #expect(world.failed.isEmpty, "what was dropped comes back")
        try world.verify()
    }

    @Test("is not stored any more once its repeat was refused for good")
    func refusedRepeat() throws {
        let world = try FailedWorld()
        let (_, failed) = try world.fillDisk()
        world.chat.failed?.stopDriving()
        world.disk.capacity = nil
        try world.relate(.block)
        #expect(world.failure(failed)?.code == .forbidden)
        #expect(world.failed.isEmpty)
        try world.relate(.unblock)
        try world.crash()
        #expect(try world.texts().contains(failed) == false)
        try world.verify()
    }

    @Test("is not driven by itself when the store may have forgotten whether it was stored")
    func expired() throws {
        let world = try FailedWorld()
        #expect(try world.poison("old")?.isKept == true)
        world.simulation.clock.advance(microseconds: 7 * 86_400_000_000 + 60_000_000)
        #expect(world.failure("new")?.isKept == true)
        try world.crash()
        #expect(try world.texts() == ["before old", "new"])
        #expect(world.failed.map(\.state) == [.expired])
        let all = try world.result { [chat = world.chat] in chat.retryFailed(completion: $0) }
        #expect(all.stored == 0)
        let id = try #require(world.failed.first?.id)
        let one = try world.result { [chat = world.chat] in
            chat.retryFailed(id, completion: $0)
        }
        #expect(one.stored == 1)
        #expect(try world.texts() == ["before old", "new", "old"])
    }

    @Test("is refused plainly when the journal is full, and so is one sender's who takes too much")
    func fullJournal() throws {
        let world = try FailedWorld { $0.failedJournalBytes = 16 << 10 }
        #expect(try world.poison("first")?.isKept == true)
        var kept: [String] = ["first"]
        var greedy: [ChatError?] = []
        for number in 0..<20 {
            let text = "\(number) " + String(repeating: "x", count: 200)
            let error = world.failure(text, id: "\(number)")
            greedy.append(error)
            if error?.isKept == true { kept.append(text) }
        }
        #expect(greedy.allSatisfy { $0?.code == .unavailable })
        #expect(kept.count > 3 && kept.count < 15)
        #expect(world.failure("ben's", from: world.ben, to: world.ann)?.isKept == true)
        #expect(world.chat.failedStatistics.unkept == UInt64(21 - kept.count))
        try world.crash()
        #expect(try world.texts() == ["before first"] + kept + ["ben's"])
        try world.verify()
    }

    @Test("gets the same answer as ever where no journal is wanted, or none can be made")
    func none() throws {
        let world = try FailedWorld { $0.failedJournalBytes = 0 }
        let (_, failed) = try world.fillDisk()
        #expect(world.failure(failed)?.code == .unavailable)
        #expect(world.failure(failed)?.isKept == false)
        world.disk.capacity = nil
        #expect(try world.send(failed).isDuplicate == false)
        try world.verify()

        let other = try FailedWorld { $0.failedJournalBytes = 64 << 10 }
        try other.stop()
        let path = "/chat/" + FailedJournal.names[0]
        try other.disk.remove(path)
        try other.disk.createDirectory(path)
        try other.reopen()
        #expect(other.chat.failedStatistics.failure != nil)
        // What was in the way goes, and it is made.
        try other.disk.removeDirectory(path)
        other.simulation.clock.advance(microseconds: 20_000_000)
        try other.send("again")
        #expect(other.chat.failedStatistics.failure == nil)
        #expect(try other.poison("kept")?.isKept == true)
    }

    @Test("is told to be kept only when the journal has it durably")
    func failingJournal() throws {
        for n: UInt64 in 1..<12 {
            let world = try FailedWorld(seed: n)
            let (_, failed) = try world.fillDisk()
            // Everything fails from here on.
            for operation in n..<n + 60 {
                world.disk.failOperation(at: world.disk.operations + operation, .io)
            }
            let error = world.failure("more")
            #expect(error?.code == .unavailable)
            world.disk.capacity = nil
            try world.crash()
            let texts = try world.texts()
            #expect(texts.contains(failed), "operation \(n)")
            if error?.isKept == true { #expect(texts.contains("more"), "operation \(n)") }
            try world.verify()
        }
    }
}
