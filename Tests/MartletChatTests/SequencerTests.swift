import Testing

@testable import MartletChat

@Suite("The sequencer")
struct SequencerTests {
    @Test("whatever commits fail, what is stored has neither gap nor double", arguments: 0..<40)
    func failures(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var world = World(cache: 4)
        for _ in 0..<2_000 {
            switch random.next() % 8 {
            case 0...4: world.send(&random)
            case 5: world.move(&random)
            case 6: world.commit(succeeds: true)
            default: world.commit(succeeds: random.next() % 3 != 0)
            }
        }
        while world.isBusy { world.commit(succeeds: true) }
        for (user, seqs) in world.inboxes {
            #expect(seqs == (1...UInt64(seqs.count)).map { $0 }, "seed \(seed), user \(user)")
        }
        for (pair, numbers) in world.numbers {
            #expect(
                numbers == (1...UInt64(numbers.count)).map { $0 }, "seed \(seed), pair \(pair)")
        }
        #expect(world.wrongRepeats == 0, "seed \(seed)")
        #expect(world.openReplies == 0, "seed \(seed)")
    }

    /// A store in memory, with the sequencer in front of it.
    struct World {
        var sequencer: Sequencer<Int>
        var inboxes: [UserID: [UInt64]] = [:]
        var numbers: [Pair: [UInt64]] = [:]
        var standings: [Pair: ConversationValue] = [:]
        var sends: [SendKey: SendValue] = [:]
        var wrongRepeats = 0
        var openReplies = 0
        var isUnderWay = false
        var isPending = false

        var isBusy: Bool { isUnderWay || isPending }

        init(cache: Int) {
            sequencer = Sequencer(cacheEntries: cache, groupCost: 2_000)
        }

        mutating func send(_ random: inout SplitMix) {
            let user = UserID(rawValue: random.next() % 30)
            let peer = UserID(rawValue: random.next() % 30)
            let request = SendRequest(
                user: user, peer: peer, text: "x", clientMessageID: "\(random.next() % 40)",
                sentAt: 0)
            ask(.send(request))
        }

        mutating func move(_ random: inout SplitMix) {
            ask(
                .move(
                    MoveRequest(
                        user: UserID(rawValue: random.next() % 30),
                        peer: UserID(rawValue: random.next() % 30),
                        cursor: random.next() % 2 == 0 ? .read : .delivered,
                        upTo: random.next() % 20)))
        }

        private mutating func ask(_ request: Request) {
            let unknown = sequencer.begin(request)
            for user in unknown.inboxes {
                sequencer.learn(inbox: user, last: inboxes[user]?.last ?? 0)
            }
            if unknown.pair {
                sequencer.learn(
                    request.pair, standings[request.pair] ?? ConversationValue())
            }
            if unknown.send, let key = request.sendKey { sequencer.learn(key, sends[key]) }
            openReplies += 1
            switch sequencer.admit(request, 1) {
            case .answered(let answer):
                openReplies -= 1
                if case .sent(let receipt) = answer, let key = request.sendKey,
                    sends[key] != SendValue(receipt)
                {
                    wrongRepeats += 1
                }
            case .assigned: isPending = true
            case .waits: break
            case .incomplete: wrongRepeats += 1
            }
        }

        mutating func commit(succeeds: Bool) {
            if !isUnderWay {
                isUnderWay = sequencer.beginCommit()
                if !isUnderWay { isPending = false }
                return
            }
            isUnderWay = false
            guard succeeds else {
                for outcome in sequencer.commitFailed() {
                    openReplies -= outcome.reply + outcome.repeats.count
                }
                return
            }
            for outcome in sequencer.commitSucceeded() {
                openReplies -= outcome.reply + outcome.repeats.count
                let assignment = outcome.assignment
                for event in assignment.events {
                    inboxes[event.user, default: []].append(event.seq)
                }
                let request = assignment.request
                standings[request.pair] = assignment.conversation.seen(
                    by: request.user, in: request.pair)
                if let key = request.sendKey, let receipt = assignment.receipt {
                    numbers[request.pair, default: []].append(receipt.number)
                    if sends[key] != nil { wrongRepeats += 1 }
                    sends[key] = SendValue(receipt)
                }
            }
        }
    }
}

/// A seeded source of numbers.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
