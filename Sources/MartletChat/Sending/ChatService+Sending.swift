import MartletStore

extension ChatService {
    /// Stores a message, exactly once by (`user`, `clientMessageID`); completes when it is stored
    /// with the options' durability. A repeat gets the first's receipt.
    ///
    /// - Parameters:
    ///   - text: 1 byte to 16 KiB.
    ///   - clientMessageID: 1 to 64 bytes.
    ///   - replyTo: The number of the message that it answers, in the same conversation; one that
    ///     the user may read.
    ///   - sentAt: Microseconds since 1970, for show; now if left out.
    ///
    /// Errors: `.badRequest`, `.tooLarge`, `.notFound` (recipient, group or message that it
    /// answers), `.forbidden` (not a member any more), `.tooMany`, `.unavailable` and `.internal`,
    /// after which the message may be stored: repeat it.
    public func send(
        from user: UserID, to conversation: ConversationID, text: String,
        clientMessageID: String, replyTo: UInt64? = nil, sentAt: UInt64? = nil,
        completion: @escaping Completion<SendReceipt>
    ) {
        guard !text.isEmpty else {
            return completion(.failure(ChatError(.badRequest, "a text has at least one byte")))
        }
        send(
            from: user, to: conversation, text: text, clientMessageID: clientMessageID,
            replyTo: replyTo, sentAt: sentAt, lane: nil, completion: completion)
    }

    /// As above. Sends of one `lane` are stored in the order of the calls; without one, a sender's
    /// are. The text may be empty: an imported log has such messages, and nothing of it is dropped.
    package func send(
        from user: UserID, to conversation: ConversationID, text: String,
        clientMessageID: String, replyTo: UInt64? = nil, sentAt: UInt64?, lane: UInt64?,
        completion: @escaping Completion<SendReceipt>
    ) {
        if let error = Self.fault(clientMessageID: clientMessageID) ?? Self.fault(text: text) {
            return completion(.failure(error))
        }
        let message = SendMessage(
            user: user, conversation: conversation, text: text,
            clientMessageID: clientMessageID, sentAt: sentAt ?? environment.clock.now(),
            replyTo: replyTo)
        perform(message, lane: lane, completion) { answer in
            guard case .sent(let receipt) = answer else { return nil }
            return receipt
        }
    }

    /// Everything up to number `upTo` has reached `user`. Cumulative: a smaller number changes
    /// nothing, one beyond the last message counts as the last. Gives where the cursor stands. The
    /// peer of a one-to-one conversation gets an inbox event.
    public func markDelivered(
        user: UserID, conversation: ConversationID, upTo: UInt64,
        completion: @escaping Completion<UInt64>
    ) {
        move(user, conversation, .delivered, upTo, completion)
    }

    /// `user` has read everything up to number `upTo`; implies delivered. As `markDelivered`, and
    /// the user's own devices get an inbox event as well.
    public func markRead(
        user: UserID, conversation: ConversationID, upTo: UInt64,
        completion: @escaping Completion<UInt64>
    ) {
        move(user, conversation, .read, upTo, completion)
    }

    private func move(
        _ user: UserID, _ conversation: ConversationID, _ cursor: MoveCursor.Cursor,
        _ upTo: UInt64, _ completion: @escaping Completion<UInt64>
    ) {
        let move = MoveCursor(
            user: user, conversation: conversation, cursor: cursor, upTo: upTo)
        perform(move, completion) { answer in
            guard case .moved(let place) = answer else { return nil }
            return place
        }
    }

    /// Submits `procedure` and completes with what `pick` finds in its answer.
    func perform<Value>(
        _ procedure: any Procedure, lane: UInt64? = nil,
        _ completion: @escaping Completion<Value>,
        _ pick: @escaping @Sendable (Answer) -> Value?
    ) {
        desk.submit(procedure, lane: lane) { result in
            completion(
                result.flatMap { answer in
                    guard let value = pick(answer) else {
                        return .failure(ChatError(.internal, "an unexpected answer"))
                    }
                    return .success(value)
                })
        }
    }

    static func fault(clientMessageID id: String) -> ChatError? {
        (1...ChatLimits.clientMessageIDBytes).contains(id.utf8.count)
            ? nil : ChatError(.badRequest, "a client message id is empty or too long")
    }

    static func fault(text: String) -> ChatError? {
        text.utf8.count <= ChatLimits.textBytes
            ? nil : ChatError(.tooLarge, "a text has 16 KiB at most")
    }
}
