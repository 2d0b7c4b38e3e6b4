import MartletStore

/// Reads from the store what the sequencer does not know. Blocks: reader pool only.
struct FactReader: Sendable {
    struct Facts: Sendable {
        var inboxes: [(UserID, UInt64)] = []
        /// From the side of the pair's `low`.
        var pair: ConversationValue?
        /// Whether the send is known, and if so, what is stored.
        var send: SendValue??
    }

    let store: Store
    let schema: ChatSchema
    let directory: Directory

    func read<Reply>(
        _ request: Request, _ unknown: Sequencer<Reply>.Unknown
    ) -> Result<Facts, ChatError> {
        do throws(StoreError) {
            guard try directory.name(of: request.peer) != nil else {
                return .failure(ChatError(.notFound, "no such user"))
            }
            if unknown.isEmpty { return .success(Facts()) }
            var facts = Facts()
            for user in unknown.inboxes {
                facts.inboxes.append((user, try lastSeq(user)))
            }
            if unknown.pair { facts.pair = try conversation(request.pair) }
            if unknown.send, let key = request.sendKey {
                facts.send = .some(try send(key))
            }
            return .success(facts)
        } catch {
            return .failure(ChatError(error))
        }
    }

    /// The last event in a user's inbox; 0 for none.
    func lastSeq(_ user: UserID) throws(StoreError) -> UInt64 {
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.reversed = true
        scan.limit = 1
        guard let row = try store.scan(schema.inbox, scan).next() else { return 0 }
        return try ChatKeys.number(row.key, at: 10).orDamaged("inbox")
    }

    private func conversation(_ pair: Pair) throws(StoreError) -> ConversationValue {
        let row = ChatKeys.conversation(pair.low, ConversationID(with: pair.high))
        guard let bytes = try store.value(schema.conversations, row) else {
            return ConversationValue()
        }
        return try ConversationValue(bytes).orDamaged("conversations")
    }

    private func send(_ key: SendKey) throws(StoreError) -> SendValue? {
        let row = ChatKeys.send(key.user, key.clientMessageID)
        guard let bytes = try store.value(schema.sends, row) else { return nil }
        return try SendValue(bytes).orDamaged("sends")
    }
}

extension Optional {
    /// The value of a decoded row; an error where it could not be decoded.
    func orDamaged(_ table: String) throws(StoreError) -> Wrapped {
        guard let self else {
            throw StoreError(.corruption, "a row of '\(table)' has a value that cannot be read")
        }
        return self
    }
}
