/// What becomes of sends that the store cannot take.
extension LedgerDesk {
    /// Under the monitor: hands a send that failed for want of the store to those who keep it. The
    /// reply is theirs then, and the caller's own does nothing.
    func putAside(_ caller: inout Caller, _ error: ChatError) {
        guard let failed, error.code == .unavailable, error != Self.closing,
            let send = caller.keepable
        else { return }
        failed.keep(send, id: caller.number, claim: caller.claim, error, caller.reply)
        caller.claim = nil
        caller.reply = { _ in }
    }

    /// Outside of the monitor: gives a caller its answer. That of a repeat of a kept send settles
    /// the kept one, too.
    func answer(_ caller: Caller, _ result: Result<Answer, ChatError>) {
        guard let failed, failed.hasEntries, let send = caller.keepable else {
            return caller.reply(result)
        }
        failed.answered(send, claim: caller.claim, result, caller.reply)
    }
}

extension LedgerDesk.Caller {
    /// The send, if it is one of a user's. Other requests have no name by which a repeat would be
    /// recognised; an importer looks after its own.
    var keepable: SendMessage? {
        lane == nil ? procedure as? SendMessage : nil
    }
}
