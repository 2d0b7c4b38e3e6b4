import MartletStore

extension ChatService {
    /// Replaces the text of one of `user`'s own messages, for everybody; gives its revision. The
    /// same text again changes nothing. Everybody who may read it gets an inbox event.
    ///
    /// Errors: `.badRequest`, `.tooLarge`, `.notFound`, `.forbidden` (not the author, or one who
    /// may not write to the other side any more),
    /// `.tooLate` (after `ChatOptions.editWindow`), `.tooMany`, `.unavailable`.
    public func edit(
        user: UserID, conversation: ConversationID, number: UInt64, text: String,
        completion: @escaping Completion<UInt64>
    ) {
        guard !text.isEmpty else {
            return completion(.failure(ChatError(.badRequest, "a text has at least one byte")))
        }
        if let error = Self.fault(text: text) { return completion(.failure(error)) }
        revise(user, conversation, number, .edit(text), options.editWindow, completion)
    }

    /// Deletes a message for everybody; gives its revision. A message of `user`'s own within
    /// `ChatOptions.deleteWindow`; in a group its admins delete any message at any time. Repeats
    /// change nothing. Errors as for `edit`.
    public func deleteForAll(
        user: UserID, conversation: ConversationID, number: UInt64,
        completion: @escaping Completion<UInt64>
    ) {
        revise(user, conversation, number, .delete, options.deleteWindow, completion)
    }

    /// Deletes a message on all of `user`'s devices, for nobody else. Repeats change nothing.
    public func deleteForMe(
        user: UserID, conversation: ConversationID, number: UInt64,
        completion: @escaping Completion<Void>
    ) {
        let hide = HideMessage(user: user, conversation: conversation, number: number)
        perform(hide, completion) { _ in () }
    }

    private func revise(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64,
        _ change: ReviseMessage.Change, _ window: UInt64?,
        _ completion: @escaping Completion<UInt64>
    ) {
        let revise = ReviseMessage(
            user: user, conversation: conversation, number: number, change: change,
            now: environment.clock.now(), window: window)
        perform(revise, completion) { answer in
            guard case .revised(let revision) = answer else { return nil }
            return revision
        }
    }
}
