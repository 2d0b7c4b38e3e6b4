import MartletChat
import MartletServer
import Testing

@Suite("Who is online")
struct PresenceBoardTests {
    private let ann = UserID(rawValue: 1)
    private let bea = UserID(rawValue: 2)
    private let socket = SocketID(loop: 0, key: 9)

    /// A second goes by; the users who are told of.
    private func second(_ board: inout PresenceBoard) -> [UserID] {
        board.advance()
        return board.takeWork().arrivals.map(\.user)
    }

    private func seconds(_ count: Int, _ board: inout PresenceBoard) -> [[UserID]] {
        (0..<count).map { _ in second(&board) }
    }

    @Test("a coming-online is told three seconds later")
    func late() {
        var board = PresenceBoard()
        board.watch(socket, by: bea, users: [ann], groups: [])
        board.join(ann)
        #expect(board.isOnline(ann))
        #expect(seconds(5, &board) == [[], [], [ann], [], []])
    }

    @Test("who has gone within the three seconds is told of when they are back and stay")
    func flap() {
        var board = PresenceBoard()
        board.watch(socket, by: bea, users: [ann], groups: [])
        board.join(ann)
        #expect(seconds(1, &board) == [[]])
        board.leave(ann, .socket, wall: 1)
        #expect(seconds(4, &board) == [[], [], [], []])
        board.join(ann)
        #expect(seconds(4, &board) == [[], [], [ann], []])
    }

    @Test("a short absence is none: nothing is told")
    func reconnect() {
        var board = PresenceBoard()
        board.watch(socket, by: bea, users: [ann], groups: [])
        board.join(ann)
        _ = seconds(4, &board)
        board.leave(ann, .socket, wall: 1)
        #expect(seconds(9, &board).flatMap { $0 } == [])
        #expect(board.isOnline(ann) && !board.isConnected(ann))
        board.join(ann)
        #expect(seconds(20, &board).flatMap { $0 } == [])
    }

    @Test("a user goes offline ten seconds behind the last socket, thirty behind the last poll")
    func expiry() {
        for (kind, grace) in [(PresenceBoard.Connection.socket, 10), (.poll, 30)] {
            var board = PresenceBoard()
            board.join(ann)
            board.leave(ann, kind, wall: 77)
            var departures: [LastSeen] = []
            for passed in 1...40 {
                board.advance()
                departures += board.takeWork().departures
                #expect(board.isOnline(ann) == (passed < grace), "\(kind) after \(passed) s")
            }
            #expect(departures == [LastSeen(user: ann, at: 77)])
        }
    }

    @Test("one of two connections is enough")
    func two() {
        var board = PresenceBoard()
        board.join(ann)
        board.join(ann)
        board.leave(ann, .socket, wall: 1)
        _ = seconds(60, &board)
        #expect(board.isOnline(ann))
        board.leave(ann, .socket, wall: 2)
        _ = seconds(10, &board)
        #expect(!board.isOnline(ann))
    }

    @Test("a watch replaces the one before, and nobody watches themselves")
    func replaced() {
        var board = PresenceBoard()
        board.watch(socket, by: bea, users: [ann], groups: [])
        board.watch(socket, by: bea, users: [bea], groups: [])
        board.join(ann)
        board.join(bea)
        #expect(seconds(5, &board).flatMap { $0 } == [])
    }

    @Test("a cursor that moves often is told once a second, to who looks")
    func receipts() {
        var board = PresenceBoard()
        let group = ConversationID(rawValue: 1 << 63 | 5)
        let moved = MovedCursor(group: group, user: ann)
        board.moved(moved)
        board.watch(socket, by: bea, users: [], groups: [group])
        for _ in 0..<3 { board.moved(moved) }
        board.advance()
        let told = board.takeWork().receipts
        #expect(told.map(\.cursor) == [moved])
        #expect(told.first?.watchers == [Watcher(socket: socket, viewer: bea)])
        board.advance()
        #expect(board.takeWork().isEmpty)
    }

    @Test("a storm of 10,000 is spread out, in work and in queues")
    func storm() {
        var rules = PresenceRules()
        rules.pushesPerTick = 500
        rules.departuresPerTick = 400
        rules.announcementsQueued = 5_000
        var board = PresenceBoard(rules)
        let users = (1...10_000).map { UserID(rawValue: UInt64($0)) }
        for (index, user) in users.enumerated() {
            let watched = users[(index + 1) % users.count]
            board.watch(
                SocketID(loop: 0, key: UInt64(index)), by: user, users: [watched], groups: [])
        }
        for user in users { board.join(user) }
        var told: [UserID] = []
        for _ in 0..<60 {
            board.advance()
            let work = board.takeWork()
            #expect(work.arrivals.reduce(0) { $0 + $1.watchers.count } <= 500)
            told += work.arrivals.map(\.user)
        }
        #expect(told == Array(users.prefix(5_000)), "what the queue had no room for is pulled")
        for user in users { board.leave(user, .socket, wall: 3) }
        var gone = 0
        for _ in 0..<60 {
            board.advance()
            let departures = board.takeWork().departures.count
            #expect(departures <= 400)
            gone += departures
        }
        #expect(gone == 10_000)
    }

    @Test("more watchers than a second has room for are told over several")
    func manyWatchers() {
        var rules = PresenceRules()
        rules.pushesPerTick = 10
        rules.watchers = 64
        var board = PresenceBoard(rules)
        for key in 0..<100 {
            board.watch(
                SocketID(loop: 0, key: UInt64(key)), by: bea, users: [ann], groups: [])
        }
        board.join(ann)
        var told: Set<Watcher> = []
        var count = 0
        for _ in 0..<20 {
            board.advance()
            for arrival in board.takeWork().arrivals {
                #expect(arrival.watchers.count <= 10)
                count += arrival.watchers.count
                told.formUnion(arrival.watchers)
            }
        }
        #expect(told.count == 64 && count == 64)
    }
}
