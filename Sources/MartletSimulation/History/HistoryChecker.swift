/// Checks what clients saw against what the chat promises (invariants S2 to S7, X1 to X7).
///
/// A conversation and an inbox are lists that are only appended to, and every element names
/// itself; so the order in which elements came to be can be read off the lists, and one pass over
/// the history finds what was lost, doubled, reordered or stale. Model: Kingsbury and Alvaro,
/// "Elle: Inferring Isolation Anomalies from Experimental Observations" (VLDB 2020).
///
/// What it needs: every send of the history says something else; all who send are in the history;
/// an observation's place lies behind all that had ended before it began.
package struct HistoryChecker {
    let observations: [Observation]
    let memberships: [ConversationKey: [MembershipInterval]]
    var report = HistoryReport()
    var sends: [SendKey: SendState] = [:]
    var sendsByContent: [Said: SendKey] = [:]
    var places: [Said: (conversation: ConversationKey, number: UInt64, place: Int)] = [:]
    var conversations: [ConversationKey: ConversationState] = [:]
    var inboxes: [InboxKey: InboxState] = [:]
    var cursors: [DeviceKey: (cursor: SeenCursor, place: Int)] = [:]
    var connections: [Int: (seq: UInt64, place: Int)] = [:]
    /// Groups by the name they were made with.
    var groups: [String: (group: ConversationKey, place: Int)] = [:]
    /// Messages that a user has deleted for the own devices, and since where.
    var hidden: [HiddenKey: Int] = [:]
    var movesAsked: [MoveKey: Timeline] = [:]
    var movesAnswered: [MoveKey: Timeline] = [:]
    /// Where a cursor was said to stand: to be compared with the last message at the end.
    var stands: [(conversation: ConversationKey, upTo: UInt64, place: Int)] = []
    /// Violations that are `lost` if nobody saw the element later, else `stale`.
    var missing: [(violation: Int, element: Missing)] = []

    private static let violationsKept = 1_000

    private init(
        _ observations: [Observation], _ memberships: [ConversationKey: [MembershipInterval]]
    ) {
        self.observations = observations
        self.memberships = memberships
    }

    /// - Parameter memberships: who may read what of each group. Of a group that is not named here
    ///   nobody may see anything.
    package static func check(
        _ observations: [Observation],
        memberships: [ConversationKey: [MembershipInterval]] = [:]
    ) -> HistoryReport {
        var checker = HistoryChecker(observations, memberships)
        return checker.run()
    }

    private mutating func run() -> HistoryReport {
        for (place, observation) in observations.enumerated() { take(observation, at: place) }
        for key in inboxes.keys.sorted(by: { $0.order < $1.order }) { checkOrder(of: key) }
        checkStands()
        settleMissing()
        report.observations = observations.count
        report.sends = sends.count
        report.acknowledged = sends.values.count { $0.first != nil }
        report.repeated = sends.values.count { $0.asks > 1 }
        report.messages = conversations.values.reduce(0) { $0 + $1.seen.count }
        report.events = inboxes.values.reduce(0) { $0 + $1.events.count }
        report.violations.sort { ($0.places.last ?? 0) < ($1.places.last ?? 0) }
        for index in report.violations.indices {
            report.violations[index].lines = report.violations[index].places.map {
                "#\($0) \(observations[$0])"
            }
        }
        return report
    }

    private mutating func take(_ observation: Observation, at place: Int) {
        switch observation {
        case .sendAsked(let send): ask(send, at: place)
        case .sendAnswered(let send, let answer): acknowledge(send, answer, at: place)
        case .sendRefused(let send): refuse(send, at: place)
        case .pageAnswered(let device, let asked, let page):
            report.pages += 1
            take(page, of: device, asked: asked, at: place)
        case .pushed(let device, let epoch, let connection, let event):
            push(event, to: device, epoch, connection, at: place)
        case .applied(let device, let epoch, let event):
            apply(event, on: device, epoch, at: place)
        case .reset(let device, let cursor): reset(device, to: cursor, at: place)
        case .historyAnswered(let device, let asked, let messages, let hasMore):
            report.pages += 1
            takeHistory(messages, hasMore, of: device, asked: asked, at: place)
        case .moveAsked(let device, let receipt, let conversation, let upTo):
            let key = MoveKey(user: device.user, receipt: receipt, conversation: conversation)
            movesAsked[key, default: Timeline()].reach(upTo, at: place)
        case .moveAnswered(let device, let asked, let upTo):
            takeMove(upTo, of: device, asked: asked, at: place)
        case .summariesAnswered(let device, let asked, let list):
            report.pages += 1
            takeSummaries(list, of: device, asked: asked, at: place)
        case .changeAnswered(let device, let conversation, let number, let revision):
            changed(conversation, number, to: revision, by: device.user, at: place)
        case .hideAnswered(let device, let conversation, let number):
            let key = HiddenKey(
                user: device.user, conversation: conversation, number: number)
            if hidden[key] == nil { hidden[key] = place }
        case .noticeAnswered(let device, let conversation, let number):
            if !mayRead(device.user, conversation, number) {
                add(.foreign, "a change of a group by somebody outside", place)
            }
            conversations[conversation, default: ConversationState()].known
                .reach(number, at: place)
        case .pageAsked, .historyAsked, .summariesAsked, .note: break
        }
    }

    mutating func add(_ kind: Violation.Kind, _ message: String, _ places: Int...) {
        guard report.violations.count < Self.violationsKept else { return }
        report.violations.append(
            Violation(kind: kind, message: message, places: Array(Set(places)).sorted()))
    }

    /// Adds a violation that is `lost` or `stale`.
    mutating func add(missing element: Missing, _ message: String, _ places: Int...) {
        guard report.violations.count < Self.violationsKept else { return }
        missing.append((report.violations.count, element))
        report.violations.append(
            Violation(kind: .stale, message: message, places: Array(Set(places)).sorted()))
    }

    private mutating func settleMissing() {
        for (index, element) in missing {
            let lastSeen: Int? =
                switch element {
                case .message(let conversation, let number):
                    conversations[conversation]?.seen[number]?.lastRead
                case .event(let key, let seq): inboxes[key]?.events[seq]?.lastRead
                }
            let place = report.violations[index].places.last ?? 0
            if lastSeen ?? -1 < place { report.violations[index].kind = .lost }
        }
    }
}

struct SendKey: Hashable {
    var user: UInt64
    var clientMessageID: String
}

struct Said: Hashable {
    var sender: UInt64
    var content: String
}

struct SendState {
    var send: ClientSend
    var firstAsked: Int
    var asks = 1
    /// The first answer.
    var first: (answer: SeenAnswer, place: Int)?
    /// The first answer that said that the send was new.
    var firstNew: Int?
    var refused: Int?
}

struct ConversationState {
    struct Seen {
        var sender: UInt64
        var notice: SeenNotice?
        var place: Int
        /// By revision: what it said, and who was told so where.
        var contents: [UInt64: (content: String, place: Int)] = [:]
        /// Where it was last read, rather than named in an acknowledgement.
        var lastRead: Int?
        var revisions = Timeline()
    }

    /// The highest number known to be stored.
    var known = Timeline()
    var seen: [UInt64: Seen] = [:]
}

struct InboxKey: Hashable {
    var user: UInt64
    var epoch: UInt64

    var order: (UInt64, UInt64) { (user, epoch) }
}

struct InboxState {
    struct Seen {
        var event: SeenEvent
        var place: Int
        var lastRead: Int?
    }

    /// The highest seq known to be stored.
    var known = Timeline()
    var events: [UInt64: Seen] = [:]
}

struct MoveKey: Hashable {
    var user: UInt64
    var receipt: SeenReceipt
    var conversation: ConversationKey
}

struct HiddenKey: Hashable {
    var user: UInt64
    var conversation: ConversationKey
    var number: UInt64
}

/// What a read should have held.
enum Missing {
    case message(ConversationKey, UInt64)
    case event(InboxKey, UInt64)
}
