/// Sends, and the conversations they make.
extension HistoryChecker {
    mutating func ask(_ send: ClientSend, at place: Int) {
        let key = SendKey(user: send.device.user, clientMessageID: send.clientMessageID)
        if sends[key] != nil {
            sends[key]?.asks += 1
        } else {
            sends[key] = SendState(send: send, firstAsked: place)
            sendsByContent[Said(sender: key.user, content: send.content)] = key
        }
    }

    mutating func acknowledge(_ send: ClientSend, _ answer: SeenAnswer, at place: Int) {
        let user = send.device.user
        let key = SendKey(user: user, clientMessageID: send.clientMessageID)
        guard let state = sends[key] else {
            return add(.invented, "an answer to a send that was never made", place)
        }
        if let first = state.first {
            if first.answer.number != answer.number || first.answer.cursor != answer.cursor {
                add(.repeatDiffers, "a repeat got other numbers", first.place, place)
            }
        } else {
            sends[key]?.first = (answer, place)
        }
        if !answer.isRepeat {
            if let before = state.firstNew {
                add(.repeatDiffers, "the same send was new twice", before, place)
            } else {
                sends[key]?.firstNew = place
            }
        }
        let message = SeenMessage(
            send.conversation, number: answer.number, sender: user, content: send.content)
        see(message, by: user, at: place, isRead: false)
        let event = SeenEvent(seq: answer.cursor.seq, .message(message))
        see(
            event, in: InboxKey(user: user, epoch: answer.cursor.epoch), at: place, isRead: false)
        // Who writes has read.
        for receipt in [SeenReceipt.delivered, .read] {
            let move = MoveKey(user: user, receipt: receipt, conversation: send.conversation)
            movesAnswered[move, default: Timeline()].reach(answer.number, at: place)
        }
    }

    mutating func refuse(_ send: ClientSend, at place: Int) {
        let key = SendKey(user: send.device.user, clientMessageID: send.clientMessageID)
        sends[key]?.refused = place
        let said = Said(sender: key.user, content: send.content)
        if let seen = places[said] {
            add(.refusedButStored, "a send was stored and then refused", seen.place, place)
        }
    }

    /// Somebody was shown a message, or (`isRead` false) told that it is stored.
    mutating func see(
        _ message: SeenMessage, by user: UInt64, at place: Int, isRead: Bool = true
    ) {
        let (conversation, number) = (message.conversation, message.number)
        if !mayRead(user, conversation, number) {
            add(.foreign, "\(String(user, radix: 16)) saw \(message)", place)
        }
        let record = conversations[conversation]?.seen[number]
        if let record, record.sender != message.sender {
            add(.disagreement, "two senders of \(conversation) no. \(number)", record.place, place)
        }
        var seen =
            record
            ?? ConversationState.Seen(
                sender: message.sender, notice: message.notice, place: place)
        if seen.notice != message.notice {
            add(.disagreement, "two notices at \(conversation) no. \(number)", seen.place, place)
        }
        if record == nil, case .created(let name)? = message.notice {
            if let other = groups[name] {
                add(.doubled, "two groups were made as \(name)", other.place, place)
            }
            groups[name] = (conversation, place)
        }
        if !isBlank(message, for: user) {
            if let told = seen.contents[message.revision], told.content != message.content {
                add(
                    .disagreement, "\(conversation) no. \(number) says two things", told.place,
                    place)
            } else if seen.contents[message.revision] == nil {
                seen.contents[message.revision] = (message.content, place)
                if message.revision == 0, message.notice == nil { attribute(message, at: place) }
            }
        }
        if isRead { seen.lastRead = place }
        seen.revisions.reach(message.revision, at: place)
        conversations[conversation, default: ConversationState()].seen[number] = seen
        conversations[conversation]?.known.reach(number, at: place)
    }

    /// Whether a message rightly says nothing: the user has deleted it, or it was changed after the
    /// user had left the group.
    private func isBlank(_ message: SeenMessage, for user: UInt64) -> Bool {
        message.isHidden
            || message.content.isEmpty && hasLeft(user, message.conversation, message.number)
    }

    /// A message is shown for the first time as it was sent: which send was it?
    private mutating func attribute(_ message: SeenMessage, at place: Int) {
        let said = Said(sender: message.sender, content: message.content)
        guard let key = sendsByContent[said], let state = sends[key] else {
            return add(.invented, "nobody had sent \(message)", place)
        }
        if let other = places[said] {
            let elsewhere = "\(other.conversation) no. \(other.number)"
            add(
                .doubled, "\(key.clientMessageID) is \(elsewhere) and \(message)", other.place,
                place)
        } else {
            places[said] = (message.conversation, message.number, place)
        }
        if state.send.conversation != message.conversation {
            add(
                .foreign, "a send to \(state.send.conversation) is in \(message.conversation)",
                state.firstAsked, place)
        }
        if let refused = state.refused {
            add(.refusedButStored, "a refused send was stored", refused, place)
        }
        // What was stored before a send went off comes before it.
        let before = conversations[message.conversation]?.known.known(before: state.firstAsked)
        if let before, before.value >= message.number {
            add(
                .reordered,
                "no. \(message.number) was sent when no. \(before.value) was stored already",
                before.place, state.firstAsked, place)
        }
    }

    mutating func changed(
        _ conversation: ConversationKey, _ number: UInt64, to revision: UInt64, by user: UInt64,
        at place: Int
    ) {
        if !mayRead(user, conversation, number) {
            add(.foreign, "a message out of reach was changed", place)
        }
        conversations[conversation]?.seen[number]?.revisions.reach(revision, at: place)
    }
}
