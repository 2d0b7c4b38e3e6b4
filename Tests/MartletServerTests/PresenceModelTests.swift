import MartletChat
import MartletServer
import MartletSimulation
import Testing

@Suite("Who is online, against a model")
struct PresenceModelTests {
    @Test("states, announcements and departures are those of the model", arguments: 0..<60)
    func model(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var model = PresenceModel()
        var board = PresenceBoard()
        for step in 0..<3_000 {
            let user = UserID(rawValue: UInt64.random(in: 1...5, using: &random))
            switch Int.random(in: 0..<12, using: &random) {
            case 0, 1:
                board.join(user)
                model.join(user)
            case 2, 3:
                let kind: PresenceBoard.Connection =
                    Int.random(in: 0..<4, using: &random) == 0 ? .poll : .socket
                board.leave(user, kind, wall: UInt64(step))
                model.leave(user, grace: kind == .poll ? 30 : 10, wall: UInt64(step))
            case 4:
                let key = UInt64.random(in: 0..<3, using: &random)
                board.watch(SocketID(loop: 0, key: key), by: user, users: [user], groups: [])
                model.watchers[key] = nil
            case 5:
                let key = UInt64.random(in: 0..<3, using: &random)
                let viewer = UserID(rawValue: 100 + key)
                board.watch(SocketID(loop: 0, key: key), by: viewer, users: [user], groups: [])
                model.watchers[key] = user
            case 6:
                let key = UInt64.random(in: 0..<3, using: &random)
                board.unwatch(SocketID(loop: 0, key: key))
                model.watchers[key] = nil
            default:
                board.advance()
                let work = board.takeWork()
                let told = work.arrivals.map { arrival in
                    PresenceModel.Told(
                        user: arrival.user, keys: Set(arrival.watchers.map(\.socket.key)))
                }
                let expected = model.tick()
                #expect(Set(told) == expected.told, "seed \(seed), step \(step)")
                #expect(told.count == expected.told.count, "seed \(seed), step \(step)")
                #expect(
                    Set(work.departures) == expected.departures, "seed \(seed), step \(step)")
            }
            for user in (1...5).map({ UserID(rawValue: $0) })
            where board.isOnline(user) != model.isOnline(user) {
                Issue.record("seed \(seed), step \(step): \(user)")
            }
        }
    }
}

/// Presence without queues and bounds: looks at everybody every second.
struct PresenceModel {
    struct Told: Hashable {
        var user: UserID
        var keys: Set<UInt64>
    }

    private struct Person {
        var connections = 0
        var offlineAt = 0
        var seenAt: UInt64 = 0
        var isNews = false
        var tellAt: Int?
    }

    private var second = 0
    private var people: [UserID: Person] = [:]
    /// Whom each socket looks at.
    var watchers: [UInt64: UserID] = [:]

    func isOnline(_ user: UserID) -> Bool {
        guard let person = people[user] else { return false }
        return person.connections > 0 || second < person.offlineAt
    }

    mutating func join(_ user: UserID) {
        let wasOnline = isOnline(user)
        var person = people[user] ?? Person()
        if !wasOnline { person.isNews = true }
        person.connections += 1
        if person.isNews, person.tellAt == nil {
            if watchers.values.contains(user) {
                person.tellAt = second + 3
            } else {
                person.isNews = false
            }
        }
        people[user] = person
    }

    mutating func leave(_ user: UserID, grace: Int, wall: UInt64) {
        guard var person = people[user], person.connections > 0 else { return }
        person.connections -= 1
        person.seenAt = wall
        person.offlineAt = max(person.offlineAt, second + grace)
        people[user] = person
    }

    mutating func tick() -> (told: Set<Told>, departures: Set<LastSeen>) {
        second += 1
        var told: Set<Told> = []
        var departures: Set<LastSeen> = []
        for (user, old) in people {
            var person = old
            if person.tellAt == second {
                person.tellAt = nil
                if person.connections > 0 {
                    person.isNews = false
                    let keys = Set(watchers.filter { $0.value == user }.keys)
                    if !keys.isEmpty { told.insert(Told(user: user, keys: keys)) }
                }
            }
            people[user] = person
            if person.connections == 0, person.offlineAt <= second {
                departures.insert(LastSeen(user: user, at: person.seenAt))
                people[user] = nil
            }
        }
        return (told, departures)
    }
}
