extension ChatHistory {
    /// Who may read what of each group, by the notices that anybody saw.
    ///
    /// - Parameter created: who was in a group from its first number on, by the name it was made
    ///   with.
    package func memberships(
        created: [String: [UInt64]]
    ) -> [ConversationKey: [MembershipInterval]] {
        var notices: [ConversationKey: [UInt64: SeenNotice]] = [:]
        for message in observations.flatMap(\.messages) {
            guard let notice = message.notice else { continue }
            notices[message.conversation, default: [:]][message.number] = notice
        }
        return notices.mapValues { notices in
            var intervals: [MembershipInterval] = []
            func end(_ user: UInt64, at number: UInt64) {
                let place = intervals.lastIndex { $0.user == user && $0.last == nil }
                if let place { intervals[place].last = number }
            }
            for (number, notice) in notices.sorted(by: { $0.key < $1.key }) {
                switch notice {
                case .created(let name):
                    intervals += (created[name] ?? []).map {
                        MembershipInterval(user: $0, first: number)
                    }
                case .entered(let user):
                    intervals.append(MembershipInterval(user: user, first: number))
                case .left(let user): end(user, at: number)
                case .other: break
                }
            }
            return intervals
        }
    }
}

extension Observation {
    /// The messages that it shows.
    var messages: [SeenMessage] {
        switch self {
        case .pageAnswered(_, _, let page): page.events.compactMap(\.message)
        case .pushed(_, _, _, let event), .applied(_, _, let event):
            event.message.map { [$0] } ?? []
        case .historyAnswered(_, _, let messages, _): messages
        case .summariesAnswered(_, _, let list): list.compactMap(\.lastMessage)
        default: []
        }
    }
}

extension SeenEvent {
    fileprivate var message: SeenMessage? {
        switch kind {
        case .message(let message), .changed(let message): message
        default: nil
        }
    }
}
