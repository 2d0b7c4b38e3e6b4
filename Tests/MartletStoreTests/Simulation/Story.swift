import MartletSimulation

/// A history told step by step, and what the checker says of it.
struct Story {
    let history = ChatHistory()
    var memberships: [ConversationKey: [MembershipInterval]] = [:]

    /// Two who talk, a third, and their devices.
    static let ann: UInt64 = 1
    static let bea: UInt64 = 2
    static let cid: UInt64 = 3
    static let anns = DeviceKey(ann, 0)
    static let beas = DeviceKey(bea, 0)
    static let cids = DeviceKey(cid, 0)
    static let talk = ConversationKey.between(ann, bea)
    static let group = ConversationKey.group(9)

    var kinds: [Violation.Kind] { report.violations.map(\.kind) }
    var report: HistoryReport {
        HistoryChecker.check(history.observations, memberships: memberships)
    }

    static func send(
        _ content: String, by device: DeviceKey = anns, in conversation: ConversationKey = talk
    ) -> ClientSend {
        ClientSend(device, conversation, clientMessageID: "id-\(content)", content: content)
    }

    static func message(
        _ number: UInt64, _ content: String, by sender: UInt64 = ann,
        in conversation: ConversationKey = talk, revision: UInt64 = 0
    ) -> SeenMessage {
        var message = SeenMessage(
            conversation, number: number, sender: sender, content: content)
        message.revision = revision
        return message
    }

    func ask(_ content: String, by device: DeviceKey = anns, in talk: ConversationKey = talk) {
        history.record(.sendAsked(Self.send(content, by: device, in: talk)))
    }

    func answer(
        _ content: String, _ number: UInt64, seq: UInt64, by device: DeviceKey = anns,
        in talk: ConversationKey = talk, isRepeat: Bool = false
    ) {
        let answer = SeenAnswer(
            number: number, cursor: SeenCursor(epoch: 1, seq: seq), isRepeat: isRepeat)
        history.record(.sendAnswered(Self.send(content, by: device, in: talk), answer))
    }

    /// A send that is answered at once.
    func send(_ content: String, _ number: UInt64, seq: UInt64, by device: DeviceKey = anns) {
        ask(content, by: device)
        answer(content, number, seq: seq, by: device)
    }

    func push(
        _ kind: SeenEvent.Kind, seq: UInt64, to device: DeviceKey = beas, connection: Int? = nil
    ) {
        history.record(
            .pushed(device, epoch: 1, connection: connection, SeenEvent(seq: seq, kind)))
    }

    /// A page asked for and given.
    func page(
        _ kinds: [SeenEvent.Kind], after seq: UInt64 = 0, of device: DeviceKey = beas,
        change: (inout SeenPage) -> Void = { _ in }
    ) {
        let asked = history.record(.pageAsked(device, after: SeenCursor(epoch: 1, seq: seq)))
        let events = kinds.enumerated().map {
            SeenEvent(seq: seq + UInt64($0.offset) + 1, $0.element)
        }
        let end = SeenCursor(epoch: 1, seq: seq + UInt64(events.count))
        var page = SeenPage(events, cursor: end)
        change(&page)
        history.record(.pageAnswered(device, asked: asked, page))
    }

    func read(
        _ messages: [SeenMessage], _ range: SeenRange = .newest, by device: DeviceKey = beas,
        in talk: ConversationKey = talk, hasMore: Bool = false
    ) {
        let asked = history.record(.historyAsked(device, talk, range))
        history.record(.historyAnswered(device, asked: asked, messages, hasMore: hasMore))
    }

    func move(
        _ receipt: SeenReceipt, to upTo: UInt64, standsAt stands: UInt64,
        by device: DeviceKey = beas
    ) {
        let asked = history.record(.moveAsked(device, receipt, Self.talk, upTo: upTo))
        history.record(.moveAnswered(device, asked: asked, upTo: stands))
    }

    func list(_ summaries: [SeenSummary], of device: DeviceKey = beas) {
        let asked = history.record(.summariesAsked(device))
        history.record(.summariesAnswered(device, asked: asked, summaries))
    }
}
