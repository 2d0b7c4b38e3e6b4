import MartletStore

extension ChatService {
    /// Stores a message, exactly once by (`user`, `clientMessageID`); completes when it is stored
    /// with the options' durability. A repeat gets the first's receipt.
    ///
    /// - Parameters:
    ///   - text: 1 byte to 16 KiB.
    ///   - clientMessageID: 1 to 64 bytes.
    ///   - sentAt: Microseconds since 1970, for show; now if left out.
    ///
    /// Errors: `.badRequest`, `.tooLarge`, `.notFound` (recipient), `.tooMany`, `.unavailable` and
    /// `.internal`, after which the message may be stored: repeat it.
    public func send(
        from user: UserID, to conversation: ConversationID, text: String,
        clientMessageID: String, sentAt: UInt64? = nil,
        completion: @escaping Completion<SendReceipt>
    ) {
        guard !text.isEmpty else {
            return completion(.failure(ChatError(.badRequest, "a text has at least one byte")))
        }
        send(
            from: user, to: conversation, text: text, clientMessageID: clientMessageID,
            sentAt: sentAt, lane: nil, completion: completion)
    }

    /// As above. Sends of one `lane` are stored in the order of the calls; without one, a sender's
    /// are. The text may be empty: an imported log has such messages, and nothing of it is dropped.
    package func send(
        from user: UserID, to conversation: ConversationID, text: String,
        clientMessageID: String, sentAt: UInt64?, lane: UInt64?,
        completion: @escaping Completion<SendReceipt>
    ) {
        guard (1...ChatLimits.clientMessageIDBytes).contains(clientMessageID.utf8.count)
        else {
            return completion(
                .failure(ChatError(.badRequest, "a client message id is empty or too long")))
        }
        guard text.utf8.count <= ChatLimits.textBytes else {
            return completion(.failure(ChatError(.tooLarge, "a text has 16 KiB at most")))
        }
        let request = SendRequest(
            user: user, peer: conversation.peer, text: text, clientMessageID: clientMessageID,
            sentAt: sentAt ?? environment.clock.now())
        desk.submit(.send(request), lane: lane) { result in
            completion(
                result.flatMap { answer in
                    guard case .sent(let receipt) = answer else {
                        return .failure(ChatError(.internal, "a send got no receipt"))
                    }
                    return .success(receipt)
                })
        }
    }

    /// Everything up to number `upTo` has reached `user`. Cumulative: a smaller number changes
    /// nothing, one beyond the last message counts as the last. Gives where the cursor stands. The
    /// peer gets an inbox event.
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
        _ user: UserID, _ conversation: ConversationID, _ cursor: MoveRequest.Cursor,
        _ upTo: UInt64, _ completion: @escaping Completion<UInt64>
    ) {
        let request = MoveRequest(
            user: user, peer: conversation.peer, cursor: cursor, upTo: upTo)
        desk.submit(.move(request)) { result in
            completion(
                result.map { answer in
                    guard case .moved(let place) = answer else { return 0 }
                    return place
                })
        }
    }
}
