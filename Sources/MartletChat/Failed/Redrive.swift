/// Runs a kept send again. All that may have changed is looked at again, its sender's account too:
/// no session stands for that here.
struct Redrive: Procedure {
    var send: SendMessage

    var user: UserID { send.user }
    var keys: [FactKey] { send.keys + [.account(user)] }
    var cost: Int { send.cost }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        guard try draft.value(.account(user)) == .flag(true) else {
            throw .refused(Self.noSender)
        }
        return try send.run(&draft)
    }

    static let noSender = ChatError(.unauthorized, "the sender's account is deleted")
    static let disabled = ChatError(.unauthorized, "the sender's account is disabled")
}
