/// Makes the ledger see that an account is gone: whatever is decided after it finds no such user.
///
/// It is decided behind all that the user has asked for, and its answer comes when all that was
/// decided before it is stored. The rows are the deletion's: it changes none.
struct CloseAccount: Procedure {
    var user: UserID

    var isOfDeletion: Bool { true }
    var keys: [FactKey] { [.account(user)] }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        draft.set(.account(user), .flag(false))
        return .done
    }
}
