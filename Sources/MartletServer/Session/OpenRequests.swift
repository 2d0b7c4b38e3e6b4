/// Requests whose answer is owed, by ticket. One at a time is the rule, and takes no memory of its
/// own; none keeps any, since nearly all sockets are idle.
struct OpenRequests {
    typealias Pending = SessionStateMachine.Pending

    private var first: (ticket: UInt32, request: Pending)?
    private var others: [UInt32: Pending] = [:]

    var count: Int { others.count + (first == nil ? 0 : 1) }

    subscript(ticket: UInt32) -> Pending? {
        if let first, first.ticket == ticket { return first.request }
        return others[ticket]
    }

    mutating func insert(_ request: Pending, _ ticket: UInt32) {
        if first == nil { first = (ticket, request) } else { others[ticket] = request }
    }

    mutating func remove(_ ticket: UInt32) -> Pending? {
        if let one = first, one.ticket == ticket {
            first = nil
            return one.request
        }
        let request = others.removeValue(forKey: ticket)
        if others.isEmpty { others = [:] }
        return request
    }

    func contains(where condition: (Pending) -> Bool) -> Bool {
        if let first, condition(first.request) { return true }
        return others.values.contains(where: condition)
    }
}
