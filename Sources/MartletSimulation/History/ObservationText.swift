private func hex(_ id: UInt64) -> String { String(id, radix: 16) }

extension ConversationKey: CustomStringConvertible {
    package var description: String {
        switch self {
        case .pair(let low, let high): "\(hex(low))~\(hex(high))"
        case .group(let id): "group \(hex(id))"
        }
    }
}

extension DeviceKey: CustomStringConvertible {
    package var description: String { "\(hex(user))/\(index)" }
}

extension SeenCursor: CustomStringConvertible {
    package var description: String { "\(epoch):\(seq)" }
}

extension SeenMessage: CustomStringConvertible {
    package var description: String {
        var text = "\(conversation) no. \(number) of \(hex(sender)) '\(content)'"
        if revision > 0 { text += " revision \(revision)" }
        if let notice { text += " (\(notice))" }
        if isHidden { text += " (hidden)" }
        return text
    }
}

extension SeenEvent: CustomStringConvertible {
    package var description: String {
        switch kind {
        case .message(let message): "[\(seq)] message \(message)"
        case .changed(let message): "[\(seq)] changed \(message)"
        case .peer(let receipt, let conversation, let upTo):
            "[\(seq)] peer \(receipt) \(conversation) up to \(upTo)"
        case .own(let receipt, let conversation, let upTo):
            "[\(seq)] own \(receipt) \(conversation) up to \(upTo)"
        case .other(let words): "[\(seq)] \(words)"
        }
    }
}

extension SeenPage: CustomStringConvertible {
    package var description: String {
        let flags = (isLimited ? ", limited" : "") + (isReset ? ", reset" : "")
        let shown = events.map(\.description).joined(separator: ", ")
        return "to \(cursor)\(flags): \(shown.isEmpty ? "nothing" : shown)"
    }
}

extension SeenSummary: CustomStringConvertible {
    package var description: String {
        var text = "\(conversation) last \(last) read \(read)"
        if let peerDelivered, let peerRead {
            text += " peer delivered \(peerDelivered) read \(peerRead)"
        }
        return text
    }
}

extension ClientSend: CustomStringConvertible {
    package var description: String { "\(clientMessageID) '\(content)' to \(conversation)" }
}

extension Observation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sendAsked(let send): "\(send.device) sends \(send)"
        case .sendAnswered(let send, let answer):
            "\(send.device) is told that \(send) is no. \(answer.number) at \(answer.cursor)"
                + (answer.isRepeat ? " (repeat)" : "")
        case .sendRefused(let send): "\(send.device) is refused \(send)"
        case .pageAsked(let device, let cursor): "\(device) asks for events after \(cursor)"
        case .pageAnswered(let device, let asked, let page):
            "\(device) gets for #\(asked) events \(page)"
        case .pushed(let device, let epoch, let connection, let event):
            "\(device) is pushed \(event) of epoch \(epoch)"
                + (connection.map { " on connection \($0)" } ?? "")
        case .applied(let device, let epoch, let event):
            "\(device) applies \(event) of epoch \(epoch)"
        case .reset(let device, let cursor): "\(device) starts afresh at \(cursor)"
        case .historyAsked(let device, let conversation, let range):
            "\(device) asks for \(conversation) \(range)"
        case .historyAnswered(let device, let asked, let messages, let hasMore):
            "\(device) gets for #\(asked) \(messages)" + (hasMore ? " and more" : "")
        case .moveAsked(let device, let receipt, let conversation, let upTo):
            "\(device) moves \(receipt) of \(conversation) to \(upTo)"
        case .moveAnswered(let device, let asked, let upTo):
            "\(device) is told for #\(asked) that the cursor stands at \(upTo)"
        case .summariesAsked(let device): "\(device) asks for its conversations"
        case .summariesAnswered(let device, let asked, let list):
            "\(device) gets for #\(asked) the conversations \(list)"
        case .changeAnswered(let device, let conversation, let number, let revision):
            "\(device) has changed \(conversation) no. \(number) to revision \(revision)"
        case .hideAnswered(let device, let conversation, let number):
            "\(device) has deleted \(conversation) no. \(number) for itself"
        case .noticeAnswered(let device, let conversation, let number):
            "\(device) is told that its change of \(conversation) is no. \(number)"
        case .note(let words): "-- \(words)"
        }
    }
}
